/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cgroup_subgroup - a cgroup in that of the container, for its processes: the payload may
 * do there as it likes, while the limits are on the one above. v2 alone, for on v1 it
 * could undo the limits. Contract: cgroup-v2.rst "Delegation"; crun(1),
 * run.oci.delegate-cgroup.
 */

#include <sys/types.h>

struct arena;
struct cgroup;
struct error;

enum { CGROUP_CONTROLLERS_MAX = 512 };

/* path NULL: there is none. The files are open since before a user namespace keeps the
 * child from them. */
struct cgroup_subgroup {
	const char *path;    /* as that of struct cgroup */
	int procs;           /* its cgroup.procs, or -1 */
	int subtree_control; /* of the container's, or -1 */
	char controllers[CGROUP_CONTROLLERS_MAX];
};

/* Whether the name is that of one cgroup, on a host where it can be. Makes nothing. NULL,
 * or the empty name: none is asked for. */
int cgroup_subgroup_plan(struct cgroup_subgroup *subgroup, const struct cgroup *cgroup,
			 const char *name, struct arena *arena, struct error *err);

/* After cgroup_create(), and cgroup_remove() takes it away. */
int cgroup_subgroup_create(struct cgroup_subgroup *subgroup, const struct cgroup *cgroup,
			   struct error *err);

/* Moves another process there, lest it be in the way of the controllers. */
int cgroup_subgroup_take(const struct cgroup_subgroup *subgroup, pid_t pid,
			 struct error *err);

/* Moves the calling process there, then hands the controllers on, which takes a cgroup
 * without processes. After unshare(2) of the cgroup namespace, whose root is above it. */
int cgroup_subgroup_join(const struct cgroup_subgroup *subgroup, struct error *err);

void cgroup_subgroup_release(struct cgroup_subgroup *subgroup);
