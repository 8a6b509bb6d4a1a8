/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * freeze - a container held still while somebody looks at it, and as before afterwards.
 *
 * A guardian process thaws what we froze when the caller ends in whatever way, kill -9
 * included (it waits on a pipe that only the caller holds open).
 */

#include <stdbool.h>
#include <sys/types.h>

struct error;
struct record;

struct freeze {
	int guardian_fd; /* closing it thaws; -1: nothing to thaw */
	pid_t guardian;
};

#define auto_freeze __attribute__((cleanup(freeze_release)))

/* Freezes unless frozen already or not running. */
int freeze_apply(struct freeze *freeze, const struct record *record, struct error *err);

/* Thaws if freeze_apply() froze, waits until that is done. Accepts { -1, 0 }. */
void freeze_release(struct freeze *freeze);
