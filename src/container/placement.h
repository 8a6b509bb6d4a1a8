/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* placement - which cgroup a new container gets, and whether it can have its limits
 * there.
 */

struct arena;
struct cgroup;
struct config_linux;
struct error;
struct record;

/*
 * Fills *cgroup and the cgroup's members of *record, whose id is set; makes nothing.
 * Where linux.cgroupsPath says nothing, an ordinary user gets a delegated one, or none,
 * and then may ask for no limits. All strings are in the arena.
 */
int placement_find(const struct config_linux *linux_, struct arena *arena,
		   struct record *record, struct cgroup *cgroup, struct error *err);
