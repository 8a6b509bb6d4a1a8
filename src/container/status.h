/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* status - what a container is doing now, found and not stored. */

struct error;
struct record;

enum status {
	STATUS_CREATING, /* `create` is at work on it, or was killed there */
	STATUS_CREATED,  /* waits for a byte on `start` */
	STATUS_RUNNING,
	STATUS_PAUSED,
	STATUS_STOPPED,
};

const char *status_text(enum status status);

/* entryfd: the container's directory in the registry. Never waits, takes no lock. A
 * process counts as the container's while it has the recorded start time and is no
 * zombie. */
int status_find(int entryfd, const struct record *record, enum status *status,
		struct error *err);
