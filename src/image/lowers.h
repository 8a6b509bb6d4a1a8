/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* lowers - what the lower layers show at a path, without mounting them. Whiteouts and
 * opaque directories of higher layers hide what is below. */

#include <limits.h>
#include <stddef.h>
#include <sys/types.h>

#include "image/walk.h"

struct error;
struct record;

struct lowers {
	int *fds; /* topmost first, owned */
	size_t count;
};

#define auto_lowers __attribute__((cleanup(lowers_release)))

int lowers_open(struct lowers *lowers, const struct record *record, struct error *err);

/* What is shown, as a walk of the layer that it is in would tell of it. */
struct lowers_found {
	struct walk_entry entry; /* its parent is owned, its path borrowed */
	char name[NAME_MAX + 1]; /* of the entry */
};

#define auto_lowers_found __attribute__((cleanup(lowers_found_release)))
#define LOWERS_FOUND_NONE           \
	{                           \
		.entry.parent = -1, \
	}

/* At "./a/b", links not followed: 1; 0: nothing, and *found is as it was. *found is
 * LOWERS_FOUND_NONE before. */
int lowers_find(const struct lowers *lowers, const char *path, struct lowers_found *found,
		struct error *err);

/* The type (S_IF…) of that; 0: nothing. */
int lowers_type(const struct lowers *lowers, const char *path, struct error *err);

/* The names that they show in a directory, sorted, once each. *names has only its arena
 * before. */
int lowers_names(const struct lowers *lowers, const char *path, struct walk_names *names,
		 struct error *err);

void lowers_found_release(struct lowers_found *found);
void lowers_release(struct lowers *lowers);
