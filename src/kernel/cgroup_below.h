/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* cgroup_below - for exec: a cgroup below the container's own, by name. Whoever made it,
 * the container's payload or a manager, it is there already. */

struct arena;
struct cgroup;
struct error;

/*
 * After cgroup_find(), and as cgroup_of() for cgroup_open() and cgroup_join() only:
 * changes the paths to those that are wanted, at least one word and NULL. "PATH" alone is
 * for every hierarchy, "CONTROLLER[,CONTROLLER]...:PATH" for those of v1, the others
 * staying with the container's own. No path leads out of that. Looks at nothing.
 */
int cgroup_below(struct cgroup *cgroup, struct arena *arena, const char *const *wanted,
		 struct error *err);
