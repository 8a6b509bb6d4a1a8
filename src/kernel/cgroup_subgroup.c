/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "kernel/cgroup.h"
#include "kernel/cgroup_files.h"
#include "kernel/cgroup_subgroup.h"

static bool is_name(const char *name)
{
	return strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
	       name[strcspn(name, "/\n")] == '\0' && strlen(name) <= NAME_MAX;
}

int cgroup_subgroup_plan(struct cgroup_subgroup *subgroup, const struct cgroup *cgroup,
			 const char *name, struct arena *arena, struct error *err)
{
	if (name == NULL || name[0] == '\0')
		return 0;
	if (!is_name(name))
		return error_set(err, 0, "'%.64s' is no name of one cgroup", name);
	if (cgroup->layout != CGROUP_UNIFIED)
		return error_set(err, 0,
				 "needs a cgroup of the container's own, on a "
				 "host with cgroup v2 alone");
	if (strlen(cgroup->path) + 1 + strlen(name) >= CGROUP_PATH_MAX)
		return error_set(err, ENAMETOOLONG, "'%.64s'", name);
	subgroup->path = arena_format(arena, "%s/%s", cgroup->path, name);
	return 0;
}

static int open_file(const char *directory, const char *name, struct error *err)
{
	auto_close int dirfd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd = dirfd < 0 ? -1 : openat(dirfd, name, O_WRONLY | O_CLOEXEC);

	return fd >= 0 ? fd
		       : error_set(err, errno, "cannot open '%s/%s'", directory, name);
}

int cgroup_subgroup_create(struct cgroup_subgroup *subgroup, const struct cgroup *cgroup,
			   struct error *err)
{
	char above[CGROUP_DIRECTORY_MAX], directory[CGROUP_DIRECTORY_MAX];

	if (subgroup->path == NULL)
		return 0;
	(void)cgroup_directory(above, cgroup->unified_mount_point, cgroup->path);
	(void)cgroup_directory(directory, cgroup->unified_mount_point, subgroup->path);
	if (mkdir(directory, 0755) < 0 && errno != EEXIST)
		return error_set(err, errno, "cannot create cgroup '%s'", directory);
	if (cgroup_file_read(above, "cgroup.controllers", subgroup->controllers,
			     sizeof(subgroup->controllers)) < 0)
		return error_set(err, errno, "cannot read '%s/cgroup.controllers'",
				 above);
	subgroup->procs = open_file(directory, "cgroup.procs", err);
	if (subgroup->procs < 0)
		return -1;
	subgroup->subtree_control = open_file(above, "cgroup.subtree_control", err);
	return subgroup->subtree_control < 0 ? -1 : 0;
}

/* One by one: what cannot be had must not cost the others. */
static void enable_all(const struct cgroup_subgroup *subgroup)
{
	const char *word = subgroup->controllers;

	while (*word != '\0') {
		int length = (int)strcspn(word, " \n");

		if (length > 0)
			(void)dprintf(subgroup->subtree_control, "+%.*s", length, word);
		word += length;
		word += strspn(word, " \n");
	}
}

int cgroup_subgroup_take(const struct cgroup_subgroup *subgroup, pid_t pid,
			 struct error *err)
{
	if (subgroup->path != NULL && dprintf(subgroup->procs, "%d", pid) < 0)
		return error_set(err, errno, "cannot move a process to '%s'",
				 subgroup->path);
	return 0;
}

int cgroup_subgroup_join(const struct cgroup_subgroup *subgroup, struct error *err)
{
	if (subgroup->path == NULL)
		return 0;
	if (write(subgroup->procs, "0", 1) < 0)
		return error_set(err, errno, "cannot join '%s'", subgroup->path);
	enable_all(subgroup);
	return 0;
}

void cgroup_subgroup_release(struct cgroup_subgroup *subgroup)
{
	if (subgroup->procs >= 0)
		(void)close(subgroup->procs);
	if (subgroup->subtree_control >= 0)
		(void)close(subgroup->subtree_control);
}
