/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cgroup_controller - where a controller is for one cgroup, and writing its settings.
 *
 * Each controller is judged by itself: on a hybrid host it is that of v1 where its
 * hierarchy is mounted, else that of v2 if it is there.
 */

#include "kernel/cgroup_files.h"

struct cgroup;
struct error;

/* The version, 1 or 2, that the cgroup can have the controller of; -1 after filling *err
 * without a place. The name is v1's: "blkio" is "io" on v2. */
int cgroup_controller_version(const struct cgroup *cgroup, const char *name,
			      struct error *err);

/* The same once the cgroup is there and the check has passed, with its directory. On a
 * hybrid host the controller of v2 is enabled for it. */
int cgroup_controller_directory(const struct cgroup *cgroup, const char *name,
				char directory[CGROUP_DIRECTORY_MAX]);

/* One write to directory/file; *err has no place. */
int cgroup_setting_write(const char *directory, const char *file, const char *value,
			 struct error *err);

/* The error of a cgroup_file_write() that has just failed, by errno. Returns -1. */
int cgroup_setting_failed(const char *directory, const char *file, const char *value,
			  struct error *err);
