/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* delete - the verb: everything that the runtime made for a container goes. */

struct error;
struct registry;

enum delete_flags {
	DELETE_FORCE =
		1, /* a running one is killed; one that does not exist is success */
};

/*
 * In this order: processes, cgroup, layers, record; can be repeated after a kill -9 at
 * any point. A volume's source is never touched: its mount died with the container's
 * mount namespace.
 */
int delete_container(const struct registry *registry, const char *id,
		     enum delete_flags flags, struct error *err);
