/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "kernel/devices_bind.h"

static int open_source(const struct host_device *device, struct error *err)
{
	struct mount_attr attr = { .propagation = MS_PRIVATE };
	auto_close int fd = open(device->path, O_PATH | O_CLOEXEC);
	auto_close int tree = -1;
	struct stat status;

	if (fd < 0 || fstat(fd, &status) < 0)
		return error_set(err, errno, "cannot open the host's '%s'", device->path);
	if ((status.st_mode & S_IFMT) != device->type || status.st_rdev != device->number)
		return error_set(err, 0, "the host's '%s' is not device %u:%u",
				 device->path, major(device->number),
				 minor(device->number));
	tree = open_tree(fd, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
	if (tree < 0 || mount_setattr(tree, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0)
		return error_set(err, errno, "cannot clone the host's '%s'",
				 device->path);
	return take_fd(&tree);
}

/* A regular file or a node to be covered; a link of the image goes. */
static int open_target(int dirfd, const char *name)
{
	int fd = openat(dirfd, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
	struct stat status;

	if (fd >= 0 || errno != EEXIST)
		return fd;
	if (fstatat(dirfd, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	if (!S_ISLNK(status.st_mode))
		return openat(dirfd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (unlinkat(dirfd, name, 0) < 0)
		return -1;
	return openat(dirfd, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
}

int device_bind(int dirfd, const char *name, const struct host_device *device,
		struct error *err)
{
	auto_close int tree = open_source(device, err);
	auto_close int target = -1;

	if (tree < 0)
		return -1;
	target = open_target(dirfd, name);
	if (target < 0)
		return error_set(err, errno, "cannot make '%s'", device->path);
	if (move_mount(tree, "", target, "",
		       MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return error_set(err, errno, "cannot attach '%s'", device->path);
	return 0;
}
