/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "kernel/cgroup.h"
#include "kernel/cgroup_files.h"
#include "kernel/cgroup_v1.h"
#include "kernel/cgroup_wait.h"

static const char *path_in(const struct cgroup *cgroup,
			   const struct cgroup_hierarchy *hierarchy)
{
	return hierarchy->path != NULL ? hierarchy->path : cgroup->path;
}

const char *cgroup_v1_directory(char *buffer, const struct cgroup *cgroup,
				const struct cgroup_hierarchy *hierarchy)
{
	return cgroup_directory(buffer, hierarchy->mount_point,
				path_in(cgroup, hierarchy));
}

const struct cgroup_hierarchy *cgroup_v1_hierarchy(const struct cgroup *cgroup,
						   const char *controller)
{
	for (size_t i = 0; i < cgroup->hierarchies_count; i++) {
		if (cgroup_list_has(cgroup->hierarchies[i].controllers, controller))
			return &cgroup->hierarchies[i];
	}
	return NULL;
}

/* /sys/fs/cgroup/NAME if a v1 hierarchy is mounted there. One that is there and cannot be
 * asked is taken for one: whoever uses it will say what is wrong. */
static const char *mounted(struct arena *arena, const char *name, size_t length)
{
	char *path = arena_format(arena, "/sys/fs/cgroup/%.*s", (int)length, name);
	struct statfs status;

	if (statfs(path, &status) < 0)
		return errno == ENOENT ? NULL : path;
	return status.f_type == CGROUP_SUPER_MAGIC ? path : NULL;
}

/* Everybody mounts "cpu,cpuacct" under that name, links to it from "cpu", and takes
 * "systemd" for "name=systemd". */
static const char *mount_point_of(struct arena *arena, const char *controllers)
{
	const char *path;

	if (strncmp(controllers, "name=", 5) == 0)
		controllers += 5;
	path = mounted(arena, controllers, strlen(controllers));
	return path != NULL ? path
			    : mounted(arena, controllers, strcspn(controllers, ","));
}

/* A line of /proc/PID/cgroup: "4:memory:/path" (cgroups(7)). */
static int add_hierarchy(struct cgroup *cgroup, struct arena *arena, const char *line,
			 struct error *err)
{
	const char *start = strchr(line, ':'), *end;
	struct cgroup_hierarchy found = { 0 };

	end = start == NULL ? NULL : strchr(start + 1, ':');
	if (end == NULL || end == start + 1)
		return 0; /* "0::/path" is the unified one */
	found.controllers = arena_text(arena, start + 1, (size_t)(end - start - 1));
	found.mount_point = mount_point_of(arena, found.controllers);
	if (found.mount_point == NULL)
		return 0;
	if (cgroup->hierarchies_count == CGROUP_HIERARCHIES_MAX)
		return error_set(err, 0, "this host has more than %d cgroup hierarchies",
				 CGROUP_HIERARCHIES_MAX);
	cgroup->hierarchies[cgroup->hierarchies_count++] = found;
	return 0;
}

int cgroup_v1_find(struct cgroup *cgroup, struct arena *arena, struct error *err)
{
	auto_text struct text lines = { 0 };

	if (file_read(AT_FDCWD, "/proc/self/cgroup", 1 << 20, &lines, err) < 0)
		return -1;
	for (const char *line = lines.data; line != NULL && *line != '\0';) {
		if (add_hierarchy(cgroup, arena, line, err) < 0)
			return -1;
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	return 0;
}

size_t cgroup_v1_components_existing(struct cgroup *cgroup)
{
	size_t components = cgroup_components(cgroup->path), least = components;

	for (size_t i = 0; i < cgroup->hierarchies_count; i++) {
		size_t existing = cgroup_components_existing(
			cgroup->hierarchies[i].mount_point, cgroup->path);

		cgroup->hierarchies[i].found = existing == components;
		least = existing < least ? existing : least;
	}
	return least;
}

static int check_not_frozen(const struct cgroup *cgroup, struct error *err)
{
	int frozen = cgroup_v1_frozen(cgroup, err);

	if (frozen > 0)
		return error_set(err, 0, "the cgroup '%s' is frozen", cgroup->path);
	return frozen;
}

int cgroup_v1_check_unused(const struct cgroup *cgroup, struct error *err)
{
	auto_text struct text pids = { 0 };
	char buffer[CGROUP_DIRECTORY_MAX];

	if (check_not_frozen(cgroup, err) < 0)
		return -1;
	for (size_t i = 0; i < cgroup->hierarchies_count; i++) {
		const char *directory =
			cgroup_v1_directory(buffer, cgroup, &cgroup->hierarchies[i]);

		if (cgroup_pids_collect(directory, &pids) < 0)
			return error_set(err, errno, "cannot read cgroup '%s'",
					 directory);
		if (pids.length > 0)
			return error_set(err, 0,
					 "the cgroup '%s' is used by other processes",
					 directory);
	}
	return 0;
}

/* A cpuset without cpus or mems takes no process (cpuset(7)), and begins like that. */
static int inherit(const char *parent, const char *directory, const char *file,
		   struct error *err)
{
	char value[4096];

	if (cgroup_file_read(directory, file, value, sizeof(value)) < 0)
		return error_set(err, errno, "cannot read '%s/%s'", directory, file);
	if (value[strspn(value, " \n")] != '\0')
		return 0;
	if (cgroup_file_read(parent, file, value, sizeof(value)) < 0)
		return error_set(err, errno, "cannot read '%s/%s'", parent, file);
	if (cgroup_file_write(directory, file, value) < 0)
		return error_set(err, errno, "cannot write '%s/%s'", directory, file);
	return 0;
}

static int create_level(const struct cgroup *cgroup,
			const struct cgroup_hierarchy *hierarchy, size_t level,
			struct error *err)
{
	char parent[CGROUP_DIRECTORY_MAX], directory[CGROUP_DIRECTORY_MAX];
	bool made;

	(void)cgroup_directory_part(parent, hierarchy->mount_point, cgroup->path,
				    level - 1);
	(void)cgroup_directory_part(directory, hierarchy->mount_point, cgroup->path,
				    level);
	made = mkdir(directory, 0755) == 0;
	if (!made && errno != EEXIST)
		return error_set(err, errno, "cannot create cgroup '%s'", directory);
	if (!made && !hierarchy->found && level == cgroup_components(cgroup->path))
		return cgroup_say_taken(directory, err);
	if (!cgroup_list_has(hierarchy->controllers, "cpuset") ||
	    (inherit(parent, directory, "cpuset.cpus", err) == 0 &&
	     inherit(parent, directory, "cpuset.mems", err) == 0))
		return 0;
	if (made)
		(void)rmdir(directory);
	return -1;
}

static int create_in(const struct cgroup *cgroup,
		     const struct cgroup_hierarchy *hierarchy, struct error *err)
{
	size_t components = cgroup_components(cgroup->path);

	for (size_t level = cgroup->components_found + 1; level <= components; level++) {
		if (create_level(cgroup, hierarchy, level, err) < 0)
			return -1;
	}
	return 0;
}

/* What was made in the first `count` hierarchies. */
static void remove_made(const struct cgroup *cgroup, size_t count)
{
	char buffer[CGROUP_DIRECTORY_MAX];

	for (size_t i = 0; i < count; i++) {
		const struct cgroup_hierarchy *hierarchy = &cgroup->hierarchies[i];

		if (!hierarchy->found)
			(void)rmdir(cgroup_v1_directory(buffer, cgroup, hierarchy));
	}
}

int cgroup_v1_create(const struct cgroup *cgroup, struct error *err)
{
	size_t made = 0;

	if (cgroup_v1_check_unused(cgroup, err) < 0)
		return -1;
	while (made < cgroup->hierarchies_count &&
	       create_in(cgroup, &cgroup->hierarchies[made], err) == 0)
		made++;
	/* A new cgroup below a frozen one is frozen, and the child would hang in it. */
	if (made == cgroup->hierarchies_count && check_not_frozen(cgroup, err) == 0)
		return 0;
	remove_made(cgroup, made);
	return -1;
}

int cgroup_v1_join(const struct cgroup *cgroup, int pid, struct error *err)
{
	char buffer[CGROUP_DIRECTORY_MAX], text[16];

	(void)snprintf(text, sizeof(text), "%d", pid);
	for (size_t i = 0; i < cgroup->hierarchies_count; i++) {
		const char *directory =
			cgroup_v1_directory(buffer, cgroup, &cgroup->hierarchies[i]);

		if (cgroup_file_write(directory, "cgroup.procs", text) < 0)
			return error_set(err, errno, "cannot join cgroup '%s'",
					 directory);
	}
	return 0;
}

int cgroup_v1_pids(const struct cgroup *cgroup, struct text *pids, struct error *err)
{
	char buffer[CGROUP_DIRECTORY_MAX];
	const struct cgroup_hierarchy *hierarchy = cgroup_v1_hierarchy(cgroup, "freezer");
	const char *directory;

	if (cgroup->hierarchies_count == 0)
		return 0;
	if (hierarchy == NULL)
		hierarchy = &cgroup->hierarchies[0];
	directory = cgroup_v1_directory(buffer, cgroup, hierarchy);
	if (cgroup_pids_collect(directory, pids) < 0)
		return error_set(err, errno, "cannot read cgroup '%s'", directory);
	return 0;
}
