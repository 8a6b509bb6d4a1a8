/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "kernel/cgroup.h"
#include "kernel/cgroup_files.h"
#include "kernel/cgroup_v1.h"

static int clone_directory(const char *directory, struct error *err)
{
	int fd = open_tree(AT_FDCWD, directory, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	return fd >= 0 ? fd
		       : error_set(err, errno, "cannot clone the mount of '%s'",
				   directory);
}

/* The frame for the hierarchies: directories and links, nothing else. */
static int make_tmpfs(struct error *err)
{
	auto_close int fs = fsopen("tmpfs", FSOPEN_CLOEXEC);
	int fd;

	if (fs < 0 || fsconfig(fs, FSCONFIG_SET_STRING, "mode", "755", 0) < 0 ||
	    fsconfig(fs, FSCONFIG_SET_STRING, "size", "64k", 0) < 0 ||
	    fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return error_set(err, errno, "cannot create a tmpfs");
	fd = fsmount(fs, FSMOUNT_CLOEXEC, 0);
	return fd >= 0 ? fd : error_set(err, errno, "cannot create a mount of a tmpfs");
}

int cgroup_tree_open(const struct cgroup *cgroup, struct error *err)
{
	char buffer[CGROUP_DIRECTORY_MAX];

	/* Without a cgroup of its own the container gets to see none, rather than all. */
	if (cgroup->layout != CGROUP_UNIFIED)
		return make_tmpfs(err);
	return clone_directory(
		cgroup_directory(buffer, cgroup->unified_mount_point, cgroup->path), err);
}

static int add_mount(int dirfd, const char *name, const char *directory,
		     uint64_t mount_attr, struct error *err)
{
	struct mount_attr attr = { .attr_set = mount_attr };
	auto_close int fd = clone_directory(directory, err);

	if (fd < 0)
		return -1;
	if (mkdirat(dirfd, name, 0755) < 0 && errno != EEXIST)
		return error_set(err, errno, "cannot create '%s'", name);
	if (mount_attr != 0 &&
	    mount_setattr(fd, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0)
		return error_set(err, errno,
				 "cannot set the attributes of the mount '%s'", name);
	if (move_mount(fd, "", dirfd, name, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return error_set(err, errno, "cannot attach the mount '%s'", name);
	return 0;
}

/* "cpu" and "cpuacct" lead to "cpu,cpuacct". */
static int add_links(int dirfd, const char *controllers, const char *name,
		     struct error *err)
{
	char link[64];

	if (strchr(controllers, ',') == NULL)
		return 0;
	while (*controllers != '\0') {
		size_t span = strcspn(controllers, ",");

		if (span > 0 && span < sizeof(link)) {
			memcpy(link, controllers, span);
			link[span] = '\0';
			if (symlinkat(name, dirfd, link) < 0 && errno != EEXIST)
				return error_set(err, errno,
						 "cannot create the link '%s'", link);
		}
		controllers += span;
		controllers += *controllers == ',';
	}
	return 0;
}

int cgroup_tree_fill(const struct cgroup *cgroup, int dirfd, uint64_t mount_attr,
		     struct error *err)
{
	char buffer[CGROUP_DIRECTORY_MAX];

	for (size_t i = 0; i < cgroup->hierarchies_count; i++) {
		const struct cgroup_hierarchy *hierarchy = &cgroup->hierarchies[i];
		const char *name = strrchr(hierarchy->mount_point, '/') + 1;

		if (add_mount(dirfd, name, cgroup_v1_directory(buffer, cgroup, hierarchy),
			      mount_attr, err) < 0 ||
		    add_links(dirfd, hierarchy->controllers, name, err) < 0)
			return -1;
	}
	if (cgroup->layout != CGROUP_HYBRID)
		return 0;
	return add_mount(
		dirfd, "unified",
		cgroup_directory(buffer, cgroup->unified_mount_point, cgroup->path),
		mount_attr, err);
}
