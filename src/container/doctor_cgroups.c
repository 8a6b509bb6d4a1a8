/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/text.h"
#include "container/doctor_parts.h"
#include "container/placement.h"
#include "container/record.h"
#include "kernel/cgroup.h"
#include "oci/config.h"

enum { LIST_MOST = 4096 };

static const char *mode_of(const struct cgroup *cgroup)
{
	static const char *const words[] = {
		[CGROUP_DISABLED] = "none",
		[CGROUP_UNIFIED] = "v2",
		[CGROUP_HYBRID] = "hybrid: v1, and v2 beside it",
		[CGROUP_LEGACY] = "v1",
	};

	return words[cgroup->layout];
}

/* In the words of v1, "cpu,cpuacct", and of v2, "cpu io memory", one behind the other;
 * named hierarchies have none. */
static void list_controllers(struct doctor *doctor, const struct cgroup *cgroup,
			     struct text *list)
{
	const char *path = cgroup->is_delegated ? cgroup->path : "/";
	const char *end = strrchr(path, '/');
	struct error ignored;

	for (size_t i = 0; i < cgroup->hierarchies_count; i++) {
		if (strchr(cgroup->hierarchies[i].controllers, '=') == NULL)
			text_format(list, " %s", cgroup->hierarchies[i].controllers);
	}
	if (cgroup->unified_mount_point == NULL)
		return;
	text_put(list, " ");
	(void)file_read(AT_FDCWD,
			arena_format(&doctor->arena, "%s%.*s/cgroup.controllers",
				     cgroup->unified_mount_point, (int)(end - path),
				     path),
			LIST_MOST, list, &ignored);
	while (list->length > 0 && strchr(" \n", list->data[list->length - 1]) != NULL)
		list->data[--list->length] = '\0';
}

static bool has_word(const char *list, const char *word)
{
	size_t length = strlen(word);

	while (*list != '\0') {
		size_t span = strcspn(list, " ,\n");

		if (span == length && memcmp(list, word, length) == 0)
			return true;
		list += span;
		list += strspn(list, " ,\n");
	}
	return false;
}

static void add_controllers(struct doctor *doctor, const struct cgroup *cgroup)
{
	static const char *const wanted[] = { "cpu", "cpuset", "memory", "pids" };
	auto_text struct text list = { 0 };
	auto_text struct text lacking = { 0 };

	list_controllers(doctor, cgroup, &list);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		if (list.length == 0 || !has_word(list.data, wanted[i]))
			text_format(&lacking, " %s", wanted[i]);
	}
	if (list.length == 0 ||
	    (!has_word(list.data, "io") && !has_word(list.data, "blkio")))
		text_put(&lacking, " io");
	if (lacking.length > 0)
		doctor_add(
			doctor, "cgroup-controllers", DOCTOR_WARNING,
			cgroup->is_delegated
				? "delegate them: Delegate=cpu cpuset io memory pids"
				: "boot with cgroup_enable=… or without "
				  "cgroup_disable=…; v2 has what no v1 hierarchy holds",
			"limits by these are refused:%s", lacking.data);
	else
		doctor_add(doctor, "cgroup-controllers", DOCTOR_OK, NULL, "%s",
			   list.data + strspn(list.data, " "));
}

/* One with the default rules for devices, as a container has it; gone again. */
static int try_cgroup(const struct cgroup *cgroup, struct error *err)
{
	struct error ignored;
	int result;

	if (cgroup_create(cgroup, err) < 0)
		return -1;
	result = cgroup_apply(cgroup, NULL, err);
	if (cgroup_remove(cgroup, result < 0 ? &ignored : err) < 0)
		return -1;
	return result;
}

static void add_delegation(struct doctor *doctor, const struct record *record,
			   const struct cgroup *cgroup)
{
	static const char name[] = "delegation";
	struct error err;

	if (record->cgroup_path == NULL) {
		doctor_add(doctor, name, DOCTOR_WARNING,
			   "systemd-run --user --scope -p Delegate=yes minirun …",
			   "no cgroup is the caller's, containers run in the caller's "
			   "and without limits");
	} else if (try_cgroup(cgroup, &err) < 0) {
		doctor_add_error(doctor, name, DOCTOR_ERROR, &err,
				 "mount it writable, or --cgroup-manager disabled");
	} else {
		doctor_add(doctor, name, DOCTOR_OK, NULL,
			   "the caller may make cgroups%s%.*s",
			   cgroup->is_delegated ? " below " : "",
			   cgroup->is_delegated
				   ? (int)(strrchr(cgroup->path, '/') - cgroup->path)
				   : 0,
			   cgroup->path);
	}
}

void doctor_cgroups(struct doctor *doctor)
{
	static const char way_out[] = "--cgroup-manager disabled does without";
	const struct config_linux linux_ = { 0 };
	const struct placement placement = { &linux_, CGROUP_MANAGER_CGROUPFS };
	struct record record = { .id = arena_format(&doctor->arena, "minirun-doctor-%d",
						    getpid()) };
	struct cgroup cgroup = { 0 }, host = { 0 };
	struct error err;

	if (doctor->host->cgroup_disabled) {
		doctor_add(doctor, "cgroup-mode", DOCTOR_OK, NULL,
			   "disabled by --cgroup-manager");
		return;
	}
	if (cgroup_find(&host, &doctor->arena, "/minirun-doctor", &err) < 0 ||
	    placement_find(&placement, &doctor->arena, &record, &cgroup, &err) < 0) {
		doctor_add_error(doctor, "cgroup-mode", DOCTOR_ERROR, &err, way_out);
		return;
	}
	doctor_add(doctor, "cgroup-mode", DOCTOR_OK, NULL, "%s", mode_of(&host));
	if (record.cgroup_path != NULL)
		add_controllers(doctor, &cgroup);
	add_delegation(doctor, &record, &cgroup);
}
