/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* lowers - what the lower layers show at a path, without mounting them. */

#include <stddef.h>
#include <sys/types.h>

struct error;
struct record;

struct lowers {
	int *fds; /* topmost first, owned */
	size_t count;
};

#define auto_lowers __attribute__((cleanup(lowers_release)))

int lowers_open(struct lowers *lowers, const struct record *record, struct error *err);

/* The type (S_IF…) of what they show at "./a/b", links not followed; 0: nothing, -1 after
 * filling *err. Whiteouts and opaque directories of higher layers hide what is below. */
int lowers_type(const struct lowers *lowers, const char *path, struct error *err);

void lowers_release(struct lowers *lowers);
