/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * gc - the verb: what minirun made and nobody is left to delete.
 *
 * A container whose creation was interrupted: its lock is free, and it has no record, or
 * one that says that it never came to wait for `start`. One that has ended, and whose
 * `run` would have deleted it. With GC_STOPPED every other one that has ended; without,
 * it is its creator's, who may want to look at it or to commit it. Then directories of
 * the data root and claims of containers that are not there any more, as after a reboot.
 *
 * Whoever creates, starts or deletes a container meanwhile has its lock, and it stays.
 * After a kill -9 the next gc, or `delete --force`, goes on.
 */

struct error;

enum gc_flags {
	GC_DRY_RUN = 1, /* tell alone */
	GC_STOPPED = 2,
};

enum gc_action { GC_REMOVE, GC_KEEP };

enum { GC_THINGS_MAX = 8 };

struct gc_item {
	enum gc_action action;
	const char *kind;                      /* "container", "directory", "claim" */
	const char *name;                      /* an id, or a path */
	const char *reason;                    /* "its creation was interrupted" */
	const char *things[GC_THINGS_MAX + 1]; /* what goes with it: "cgroup '/a'" */
};

/* Called once something is gone, with GC_DRY_RUN once it is found. */
typedef void gc_tell(void *context, const struct gc_item *item);

struct gc_request {
	const char *root, *data_root, *claims; /* absolute */
	enum gc_flags flags;
	gc_tell *tell;
	void *context;
};

/* What cannot be removed is warned of, and does not keep the rest: -1 at the end. */
int gc(const struct gc_request *request, struct error *err);
