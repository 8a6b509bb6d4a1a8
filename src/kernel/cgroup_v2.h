/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* cgroup_v2 - the unified hierarchy, for cgroup.c: as cgroup.h says, and only there where
 * cgroup->unified_mount_point is set. */

#include <stdint.h>

struct cgroup;
struct error;

/* An error if the cgroup is used by processes, or it or a parent is frozen. */
int cgroup_v2_check_unused(const struct cgroup *cgroup, struct error *err);

int cgroup_v2_create(const struct cgroup *cgroup, struct error *err);

/* Enables controllers for the cgroup in every parent, as far as that goes: the one that
 * is named, or all there are for NULL. Who writes a limit then sees what is missing. */
void cgroup_v2_enable(const struct cgroup *cgroup, const char *controller);

int cgroup_v2_open(const struct cgroup *cgroup, int *fd, struct error *err);

int cgroup_v2_frozen(const struct cgroup *cgroup, struct error *err);
int cgroup_v2_freeze(const struct cgroup *cgroup, struct error *err);
int cgroup_v2_thaw(const struct cgroup *cgroup, struct error *err);

/* SIGKILL to all, at once and without a way out. */
int cgroup_v2_kill(const struct cgroup *cgroup, struct error *err);

/* 1 if nothing was in it and it is gone now, 0 if that takes cgroup_v2_kill() and
 * cgroup_v2_remove(). */
int cgroup_v2_remove_empty(const struct cgroup *cgroup, struct error *err);
int cgroup_v2_remove(const struct cgroup *cgroup, struct error *err);
