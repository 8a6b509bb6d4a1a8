/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/filesystem.h"
#include "kernel/inside.h"
#include "kernel/paths.h"
#include "oci/config.h"

static int check_list(char **paths, const char *member, struct error *err)
{
	for (size_t i = 0; paths != NULL && paths[i] != NULL; i++) {
		if (paths[i][0] == '/')
			continue;
		(void)error_set(err, 0, "'%s' is not an absolute path", paths[i]);
		return error_at(err, "linux.%s[%zu]", member, i);
	}
	return 0;
}

int paths_check(const struct config_linux *linux_, struct error *err)
{
	if (linux_ == NULL)
		return 0;
	if (check_list(linux_->masked_paths, "maskedPaths", err) < 0)
		return -1;
	return check_list(linux_->readonly_paths, "readonlyPaths", err);
}

int paths_open_null(struct error *err)
{
	auto_close int null = open("/dev/null", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat status;

	if (null < 0 || fstat(null, &status) < 0)
		return error_set(err, errno, "cannot open '/dev/null'");
	if (!S_ISCHR(status.st_mode) || status.st_rdev != makedev(1, 3))
		return error_set(err, 0, "'/dev/null' is not the null device");
	return take_fd(&null);
}

static int clone(int fd, unsigned flags)
{
	return open_tree(fd, "",
			 OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | flags);
}

static int attach(int tree, int place)
{
	return move_mount(tree, "", place, "",
			  MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

/* One superblock for all masked directories; nothing fits in. */
static int open_empty(struct error *err)
{
	auto_close int context = filesystem_open("tmpfs", err);

	if (context < 0 || filesystem_set(context, "nr_blocks", "1", err) < 0 ||
	    filesystem_set(context, "nr_inodes", "2", err) < 0 ||
	    filesystem_set(context, "mode", "0755", err) < 0)
		return -1;
	return filesystem_mount(context, "tmpfs",
				MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
					MOUNT_ATTR_NOEXEC,
				err);
}

/* *empty: the first masked directory's mount, which the others clone. */
static int mask_directory(int place, int *empty, struct error *err)
{
	auto_close int copy = -1;

	if (*empty < 0) {
		*empty = open_empty(err);
		if (*empty < 0)
			return -1;
		if (attach(*empty, place) < 0)
			return error_set(err, errno, "cannot attach");
		return 0;
	}
	copy = clone(*empty, 0);
	if (copy < 0 || attach(copy, place) < 0)
		return error_set(err, errno, "cannot attach");
	return 0;
}

static int mask_file(int place, int null, struct error *err)
{
	auto_close int copy = clone(null, 0);

	if (copy < 0 || attach(copy, place) < 0)
		return error_set(err, errno, "cannot attach");
	return 0;
}

/* Whether nothing is there, which is fine for both lists. */
static bool is_absent(int code)
{
	return code == ENOENT || code == ENOTDIR;
}

static int mask_one(int rootfd, const char *path, int null, int *empty, struct error *err)
{
	auto_close int place = inside_open(rootfd, path, O_PATH);
	struct stat status;

	if (place < 0 && is_absent(errno))
		return 0;
	if (place < 0 || fstat(place, &status) < 0)
		return error_set(err, errno, "cannot open it in the root");
	if (S_ISDIR(status.st_mode))
		return mask_directory(place, empty, err);
	return mask_file(place, null, err);
}

static int protect_one(int rootfd, const char *path, struct error *err)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
	auto_close int place = inside_open(rootfd, path, O_PATH);
	auto_close int copy = -1;

	if (place < 0 && is_absent(errno))
		return 0;
	if (place < 0)
		return error_set(err, errno, "cannot open it in the root");
	copy = clone(place, AT_RECURSIVE);
	if (copy < 0)
		return error_set(err, errno, "cannot clone it");
	if (mount_setattr(copy, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof(attr)) <
	    0)
		return error_set(err, errno, "cannot set the attributes");
	if (attach(copy, place) < 0)
		return error_set(err, errno, "cannot attach");
	return 0;
}

static int fail(struct error *err, const char *path, const char *member, size_t index)
{
	(void)error_prefix(err, "cannot cover '%s'", path);
	return error_at(err, "linux.%s[%zu]", member, index);
}

int paths_apply(const struct config_linux *linux_, int rootfd, int null,
		struct error *err)
{
	char **masked = linux_ != NULL ? linux_->masked_paths : NULL;
	char **protected = linux_ != NULL ? linux_->readonly_paths : NULL;
	auto_close int empty = -1;

	/* Read-only first: its recursive clones would double the masks. */
	for (size_t i = 0; protected != NULL && protected[i] != NULL; i++) {
		if (protect_one(rootfd, protected[i], err) < 0)
			return fail(err, protected[i], "readonlyPaths", i);
	}
	for (size_t i = 0; masked != NULL && masked[i] != NULL; i++) {
		if (mask_one(rootfd, masked[i], null, &empty, err) < 0)
			return fail(err, masked[i], "maskedPaths", i);
	}
	return 0;
}
