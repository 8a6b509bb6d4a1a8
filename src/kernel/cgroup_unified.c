/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "kernel/cgroup.h"
#include "kernel/cgroup_controller.h"
#include "kernel/cgroup_resources.h"
#include "oci/config.h"
#include "oci/json.h"

/* linux.resources.unified: files of the v2 cgroup by their names, written last. On other
 * layouts it is refused, as the specification allows, since runc and crun do. */

static int place(const struct json *file, struct error *err)
{
	return error_at(err, "unified[\"%s\"]", file->key);
}

/* These do something to processes, which are our business: the first would move some in,
 * the others would never let the container start. */
static bool is_deed(const char *name)
{
	static const char *const deeds[] = { "cgroup.procs", "cgroup.threads",
					     "cgroup.freeze", "cgroup.kill" };

	for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
		if (strcmp(name, deeds[i]) == 0)
			return true;
	}
	return false;
}

static int check_name(const char *name, struct error *err)
{
	const char *dot = strchr(name, '.');

	if (strchr(name, '/') != NULL || dot == NULL || dot == name || dot[1] == '\0' ||
	    dot[1] == '.' || strlen(name) >= CGROUP_VALUE_MAX)
		return error_set(err, 0,
				 "not a file name of the form CONTROLLER.SETTING");
	if (is_deed(name))
		return error_set(err, 0, "not a limit, but something done to processes");
	return 0;
}

int cgroup_unified_rules(const struct config_resources *resources, struct error *err)
{
	if (resources->unified == NULL)
		return 0;
	json_foreach (file, resources->unified) {
		if (check_name(file->key, err) < 0)
			return place(file, err);
	}
	return 0;
}

int cgroup_unified_check(const struct cgroup *cgroup,
			 const struct config_resources *resources, struct error *err)
{
	if (resources->unified == NULL || resources->unified->count == 0)
		return 0;
	if (cgroup->layout != CGROUP_UNIFIED) {
		(void)error_set(err, 0, "this host has the controllers of cgroup v1");
		return error_at(err, "unified");
	}
	json_foreach (file, resources->unified) {
		char name[CGROUP_VALUE_MAX];

		(void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(file->key, "."),
			       file->key);
		if (strcmp(name, "cgroup") != 0 &&
		    cgroup_controller_version(cgroup, name, err) < 0)
			return place(file, err);
	}
	return 0;
}

/* A line for each write(), as in io.max. */
static int write_lines(const char *directory, const char *file, const char *lines,
		       struct error *err)
{
	while (*lines != '\0') {
		size_t span = strcspn(lines, "\n");
		auto_text struct text line = { 0 };

		text_add(&line, lines, span);
		if (span > 0 && cgroup_setting_write(directory, file, line.data, err) < 0)
			return -1;
		lines += span + (lines[span] == '\n');
	}
	return 0;
}

int cgroup_unified_apply(const struct cgroup *cgroup,
			 const struct config_resources *resources, struct error *err)
{
	char directory[CGROUP_DIRECTORY_MAX];

	if (resources->unified == NULL || resources->unified->count == 0)
		return 0;
	(void)cgroup_directory(directory, cgroup->unified_mount_point, cgroup->path);
	json_foreach (file, resources->unified) {
		if (write_lines(directory, file->key, file->text, err) < 0)
			return place(file, err);
	}
	return 0;
}
