/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "kernel/cgroup.h"
#include "kernel/cgroup_controller.h"
#include "kernel/cgroup_files.h"
#include "kernel/cgroup_v1.h"
#include "kernel/cgroup_v2.h"

static const char *name_v2(const char *name)
{
	return strcmp(name, "blkio") == 0 ? "io" : name;
}

static bool has_controller(const char *directory, const char *name)
{
	char words[512];

	return cgroup_file_read(directory, "cgroup.controllers", words, sizeof(words)) >=
		       0 &&
	       cgroup_list_has(words, name);
}

/* Whether the cgroup can have the controller: its deepest parent that exists has it. */
static bool available_v2(const struct cgroup *cgroup, const char *name, char *directory)
{
	const char *top = cgroup->unified_mount_point;

	if (top == NULL)
		return false;
	(void)cgroup_directory_part(directory, top, cgroup->path,
				    cgroup_components_existing(top, cgroup->path));
	/* A cgroup that is there already has what its parent passes on, which
	 * cgroup_create() may add to. */
	return has_controller(directory, name) || has_controller(top, name);
}

int cgroup_controller_version(const struct cgroup *cgroup, const char *name,
			      struct error *err)
{
	char directory[CGROUP_DIRECTORY_MAX] = "/sys/fs/cgroup";

	if (cgroup_v1_hierarchy(cgroup, name) != NULL)
		return 1;
	if (available_v2(cgroup, name_v2(name), directory))
		return 2;
	return error_set(err, 0, "the %s controller is not available in '%s'",
			 cgroup->layout == CGROUP_UNIFIED ? name_v2(name) : name,
			 directory);
}

int cgroup_controller_directory(const struct cgroup *cgroup, const char *name,
				char directory[CGROUP_DIRECTORY_MAX])
{
	const struct cgroup_hierarchy *hierarchy = cgroup_v1_hierarchy(cgroup, name);

	if (hierarchy != NULL) {
		(void)cgroup_v1_directory(directory, cgroup, hierarchy);
		return 1;
	}
	(void)cgroup_directory(directory, cgroup->unified_mount_point, cgroup->path);
	if (cgroup->layout == CGROUP_HYBRID)
		cgroup_v2_enable(cgroup, name_v2(name));
	return 2;
}

/* cgroups(7) "no internal processes": a parent with processes of its own cannot pass the
 * controller on. */
static bool is_enabled(const char *directory, const char *file)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(file, "."), file);
	return strcmp(name, "cgroup") == 0 || has_controller(directory, name);
}

int cgroup_setting_failed(const char *directory, const char *file, const char *value,
			  struct error *err)
{
	int code = errno;
	bool is_v2 = cgroup_file_exists(directory, "cgroup.controllers");

	(void)error_set(err, code, "cannot write '%s' to '%s/%s'", value, directory,
			file);
	if (code != ENOENT)
		return -1;
	if (is_v2 && !is_enabled(directory, file))
		return error_hint(err, "the controller cannot be enabled here; has a "
				       "parent processes of its own?");
	return error_hint(err, "this kernel has no such setting");
}

int cgroup_setting_write(const char *directory, const char *file, const char *value,
			 struct error *err)
{
	return cgroup_file_write(directory, file, value) == 0
		       ? 0
		       : cgroup_setting_failed(directory, file, value, err);
}
