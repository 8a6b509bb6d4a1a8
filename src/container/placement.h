/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* placement - which cgroup a new container gets, and whether it can have its limits
 * there.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "kernel/cgroup.h"

struct arena;
struct config;
struct config_linux;
struct error;
struct record;

struct placement {
	const struct config_linux *linux_;
	enum cgroup_manager manager;
};

/*
 * Fills *cgroup and the cgroup's members of *record, whose id is set; makes nothing.
 * Where linux.cgroupsPath says nothing, an ordinary user gets a delegated one, or none,
 * and then may ask for no limits; from systemd, one like everybody else. All strings are
 * in the arena.
 */
int placement_find(const struct placement *placement, struct arena *arena,
		   struct record *record, struct cgroup *cgroup, struct error *err);

/* Says which limits are accepted and change nothing there. */
void placement_warn(const struct config_linux *linux_, const struct cgroup *cgroup);

/*
 * Whether the container's user is to own its cgroup, as who has a cgroup namespace and
 * its cgroup file system writable expects; *uid is the user's id on the host. Pure.
 */
bool placement_has_owner(const struct config *config, uid_t *uid);
