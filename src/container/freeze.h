/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * freeze - a container held still while somebody looks at it, and as before afterwards.
 *
 * A guardian process thaws what we froze when the caller ends in whatever way, kill -9
 * included (it waits on a pipe that only the caller holds open). Who freezes the same
 * container at the same time waits, or the first one's end would thaw it for both.
 */

#include <sys/types.h>

struct error;
struct record;

struct freeze {
	int lock_fd;     /* the container's state.json, locked */
	int guardian_fd; /* closing it thaws; -1: nothing to thaw */
	pid_t guardian;
	const struct record *record;
};

#define auto_freeze __attribute__((cleanup(freeze_release)))
#define FREEZE_NONE                              \
	{                                        \
		.lock_fd = -1, .guardian_fd = -1 \
	}

/* The lock of those who freeze or thaw: an owned descriptor; -1 while the container is
 * being created or deleted, and there is nothing to lock; -2 after filling *err. */
int freeze_lock(int entryfd, struct error *err);

/*
 * Freezes unless frozen already or nothing runs. entryfd: the container's directory in
 * the registry. *freeze is FREEZE_NONE before; *record outlives it. Descriptors 0, 1 and
 * 2 are open.
 */
int freeze_apply(struct freeze *freeze, int entryfd, const struct record *record,
		 struct error *err);

/* Thaws if freeze_apply() froze, waits until that is done. */
void freeze_release(struct freeze *freeze);
