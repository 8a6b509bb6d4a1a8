/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* delete - the verb: everything that the runtime made for a container goes. */

struct error;
struct record;
struct registry;

enum delete_flags {
	DELETE_FORCE =
		1, /* a running one is killed; one that does not exist is success */
};

/*
 * In this order: processes, cgroup, layers, record; can be repeated after a kill -9 at
 * any point. A volume's source is never touched: its mount died with the container's
 * mount namespace.
 *
 * Where another minirun has the lock, it is waited for, which is said after a second.
 * With DELETE_FORCE what is on record is killed meanwhile: all that a creating or
 * starting minirun can wait for is the process of the container, which another container
 * can stop when it shares its pid namespace, and whatever is in the cgroup, in case it
 * got hold of the lock. So nothing that a container does can hold DELETE_FORCE up for
 * ever; only the other minirun can, as long as it is stopped itself.
 */
int delete_container(const struct registry *registry, const char *id,
		     enum delete_flags flags, struct error *err);

/* What it does once the container's directory is locked and nothing speaks against it. */
int delete_recorded(const struct registry *registry, int entryfd,
		    const struct record *record, struct error *err);
