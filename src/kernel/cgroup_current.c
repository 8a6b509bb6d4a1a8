/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "kernel/cgroup.h"
#include "kernel/cgroup_files.h"

/* The rest of "N:controllers:path" behind the two colons, for exactly these controllers
 * ("" is the unified hierarchy); NULL if the line is another's. */
static const char *path_of_line(const char *line, const char *controllers)
{
	size_t length = strlen(controllers);
	const char *colon = strchr(line, ':');

	if (colon == NULL || strncmp(colon + 1, controllers, length) != 0 ||
	    colon[1 + length] != ':')
		return NULL;
	return colon + 1 + length + 1;
}

static const char *find_path(struct arena *arena, const char *lines,
			     const char *controllers)
{
	while (*lines != '\0') {
		const char *path = path_of_line(lines, controllers);

		if (path != NULL)
			return arena_text(arena, path, strcspn(path, "\n"));
		lines += strcspn(lines, "\n");
		lines += *lines == '\n';
	}
	return NULL;
}

/*
 * Where the kernel names a place that we cannot reach by that path (outside our cgroup
 * namespace it begins with "/..", and in an inherited one the mount may begin deeper),
 * the container's own is the best there is.
 */
static const char *reachable(const char *mount_point, const char *path, const char *own)
{
	char directory[CGROUP_DIRECTORY_MAX];

	if (path == NULL || strncmp(path, "/..", 3) == 0 ||
	    strlen(path) >= CGROUP_PATH_MAX)
		return own;
	if (strcmp(path, own) == 0)
		return own;
	return access(cgroup_directory(directory, mount_point, path), F_OK) == 0 ? path
										 : own;
}

int cgroup_of(struct cgroup *cgroup, struct arena *arena, pid_t pid, struct error *err)
{
	auto_text struct text lines = { 0 };
	const char *own = cgroup->path;
	char file[32];

	if (cgroup->layout == CGROUP_DISABLED)
		return 0;
	(void)snprintf(file, sizeof(file), "/proc/%d/cgroup", pid);
	if (file_read(AT_FDCWD, file, 1 << 20, &lines, err) < 0)
		return -1;
	if (lines.length == 0)
		return error_set(err, ESRCH, "cannot find the cgroup of process %d", pid);
	if (cgroup->unified_mount_point != NULL)
		cgroup->path = reachable(cgroup->unified_mount_point,
					 find_path(arena, lines.data, ""), own);
	for (size_t i = 0; i < cgroup->hierarchies_count; i++) {
		struct cgroup_hierarchy *hierarchy = &cgroup->hierarchies[i];

		hierarchy->path = reachable(
			hierarchy->mount_point,
			find_path(arena, lines.data, hierarchy->controllers), own);
	}
	return 0;
}
