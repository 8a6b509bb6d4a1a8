/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* cgroup_v1 - the hierarchies of version 1, for cgroup.c: as cgroup.h says, for each of
 * cgroup->hierarchies. */

#include <stddef.h>

struct arena;
struct cgroup;
struct cgroup_hierarchy;
struct error;
struct text;

/* Fills cgroup->hierarchies with those that are mounted. */
int cgroup_v1_find(struct cgroup *cgroup, struct arena *arena, struct error *err);

/* The least number of leading components that is there in each; sets found of each. */
size_t cgroup_v1_components_existing(struct cgroup *cgroup);

/* The hierarchy of the controller, or NULL. */
const struct cgroup_hierarchy *cgroup_v1_hierarchy(const struct cgroup *cgroup,
						   const char *controller);

/* The cgroup's directory in the hierarchy; the buffer has CGROUP_DIRECTORY_MAX bytes. */
const char *cgroup_v1_directory(char *buffer, const struct cgroup *cgroup,
				const struct cgroup_hierarchy *hierarchy);

int cgroup_v1_check_unused(const struct cgroup *cgroup, struct error *err);
int cgroup_v1_create(const struct cgroup *cgroup, struct error *err);
int cgroup_v1_join(const struct cgroup *cgroup, int pid, struct error *err);

/* By the freezer controller; without one nothing is ever frozen, and freezing is an
 * error. */
int cgroup_v1_frozen(const struct cgroup *cgroup, struct error *err);
int cgroup_v1_freeze(const struct cgroup *cgroup, struct error *err);
int cgroup_v1_thaw(const struct cgroup *cgroup, struct error *err);

/* Adds the pids in it and below, by one hierarchy that stands for all. */
int cgroup_v1_pids(const struct cgroup *cgroup, struct text *pids, struct error *err);

int cgroup_v1_remove(const struct cgroup *cgroup, struct error *err);

/* What has processes or cgroups in it stays. */
int cgroup_v1_remove_empty(const struct cgroup *cgroup, struct error *err);
