/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mntent.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/names.h"
#include "base/path.h"
#include "base/syscalls.h"
#include "kernel/rootfs.h"
#include "oci/config.h"

static const struct name propagations[] = {
	{ "", MS_PRIVATE },
	{ "private", MS_PRIVATE },
	{ "rprivate", MS_PRIVATE | MS_REC },
	{ "rshared", MS_SHARED | MS_REC },
	{ "rslave", MS_SLAVE | MS_REC },
	{ "runbindable", MS_UNBINDABLE | MS_REC },
	{ "shared", MS_SHARED },
	{ "slave", MS_SLAVE },
	{ "unbindable", MS_UNBINDABLE },
	{ NULL, 0 },
};

static const struct name *find_propagation(const struct config_linux *linux_)
{
	const char *word = linux_->rootfs_propagation;

	return name_find(propagations, word == NULL ? "" : word);
}

int rootfs_check_propagation(const struct config_linux *linux_, struct error *err)
{
	if (find_propagation(linux_) != NULL)
		return 0;
	(void)error_set(err, 0, "unknown propagation '%s'", linux_->rootfs_propagation);
	return error_at(err, "linux.rootfsPropagation");
}

static int fail_path(struct error *err, int code, const char *path)
{
	(void)error_set(err, code, "cannot use '%s' as the root", path);
	return error_at(err, "root.path");
}

int rootfs_check(const struct config_root *root, const char *bundle_path,
		 struct error *err)
{
	auto_arena struct arena arena = { 0 };
	struct stat status, host;
	const char *path;

	if (root->overlay != NULL)
		return 0;
	if (root->path == NULL || root->path[0] == '\0') {
		(void)error_set(err, 0, "the path of the root is missing");
		return error_at(err, "root.path");
	}
	path = path_join(&arena, bundle_path, root->path);
	if (stat(path, &status) < 0)
		return fail_path(err, errno, path);
	if (!S_ISDIR(status.st_mode))
		return fail_path(err, ENOTDIR, path);
	if (stat("/", &host) < 0)
		return error_set(err, errno, "cannot look at '/'");
	if (status.st_dev == host.st_dev && status.st_ino == host.st_ino) {
		(void)error_set(err, 0, "'%s' is the root of the host", path);
		return error_at(err, "root.path");
	}
	return 0;
}

int rootfs_open(const struct config_root *root, const struct config_linux *linux_,
		const char *bundle_path, struct error *err)
{
	auto_arena struct arena arena = { 0 };
	/* With what is below, also for "slave": that would be the host's peer else. */
	bool is_slave = (find_propagation(linux_)->value & MS_SLAVE) != 0;
	struct mount_attr attr = { .propagation = is_slave ? MS_SLAVE : MS_PRIVATE };
	const char *path = path_join(&arena, bundle_path, root->path);
	auto_close int tree = open_tree(
		AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);

	if (tree < 0)
		return fail_path(err, errno, path);
	if (mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof(attr)) <
	    0)
		return error_set(err, errno, "cannot set the propagation of '%s'", path);
	return take_fd(&tree);
}

int rootfs_isolate(struct error *err)
{
	struct mount_attr attr = { .propagation = MS_PRIVATE };

	if (mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &attr, sizeof(attr)) < 0)
		return error_set(err, errno, "cannot make the mounts private");
	return 0;
}

int rootfs_attach(int tree, const char *place, struct error *err)
{
	if (move_mount(tree, "", AT_FDCWD, place,
		       MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_SYMLINKS) < 0)
		return error_set(err, errno, "cannot attach the root on '%s'", place);
	return 0;
}

/*
 * The host's mounts stay in the namespace behind a chroot(2), and with them each procfs
 * and sysfs that hides nothing: as long as one is there, the kernel lets the container
 * mount another (mount_too_revealing() in fs/namespace.c). They may be anywhere, and over
 * each other. Those below the new root are the container's own; where it lies over "/",
 * no path leads to them yet.
 */
static int drop_host_views(int tree, struct error *err)
{
	char link[64], root[PATH_MAX] = "";
	const struct mntent *entry;
	FILE *table = setmntent("/proc/self/mounts", "re");

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", tree);
	if (table == NULL || readlink(link, root, sizeof(root) - 1) < 0) {
		(void)error_set(err, errno, "cannot look for the host's mounts");
		if (table != NULL)
			(void)endmntent(table);
		return -1;
	}
	while ((entry = getmntent(table)) != NULL) {
		bool is_view = strcmp(entry->mnt_type, "proc") == 0 ||
			       strcmp(entry->mnt_type, "sysfs") == 0;

		bool is_own =
			strcmp(root, "/") != 0 && path_is_under(entry->mnt_dir, root);

		if (is_view && !is_own)
			(void)umount2(entry->mnt_dir, MNT_DETACH);
	}
	(void)endmntent(table);
	return 0;
}

static int enter_by_chroot(struct error *err)
{
	if (chroot(".") < 0)
		return error_set(err, errno, "cannot change the root");
	return 0;
}

/* pivot_root(2): with "." for both, the old root lies over the new one, and the next
 * look-up of "." finds it there. */
static int enter_by_pivot(struct error *err)
{
	if (sys_pivot_root(".", ".") < 0) {
		int code = errno;

		(void)error_set(err, code, "cannot pivot to the root");
		return code == EINVAL ? error_hint(err, "on an initramfs, use --no-pivot")
				      : -1;
	}
	if (umount2(".", MNT_DETACH) < 0)
		return error_set(err, errno, "cannot let go of the host's root");
	return 0;
}

int rootfs_enter(int tree, enum rootfs_enter_flags flags, struct error *err)
{
	int result;

	if (flags & ROOTFS_NO_PIVOT && drop_host_views(tree, err) < 0)
		return -1;
	if (fchdir(tree) < 0)
		return error_set(err, errno, "cannot enter the root");
	result = flags & ROOTFS_NO_PIVOT ? enter_by_chroot(err) : enter_by_pivot(err);
	if (result < 0)
		return -1;
	if (chdir("/") < 0)
		return error_set(err, errno, "cannot enter the root");
	return 0;
}

int rootfs_change(int root, struct error *err)
{
	if (fchdir(root) < 0 || chroot(".") < 0)
		return error_set(err, errno, "cannot change the root");
	return 0;
}

int rootfs_move(int namespace, struct error *err)
{
	auto_close int tree = -1;

	/* What is in no namespace has no peers, and what is unbindable is not cloned. */
	if (rootfs_isolate(err) < 0)
		return -1;
	tree = open_tree(AT_FDCWD, "/",
			 OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
	if (tree < 0)
		return error_set(err, errno, "cannot clone the root");
	if (setns(namespace, CLONE_NEWNS) < 0)
		return error_set(err, errno, "cannot join the namespace of type 'mount'");
	return rootfs_change(tree, err);
}

int rootfs_propagate(const struct config_linux *linux_, struct error *err)
{
	int64_t wanted = find_propagation(linux_)->value;
	struct mount_attr attr = { .propagation = (uint64_t)(wanted & ~MS_REC) };

	if ((wanted & (MS_PRIVATE | MS_SLAVE)) != 0)
		return 0;
	if (mount_setattr(AT_FDCWD, "/", wanted & MS_REC ? AT_RECURSIVE : 0, &attr,
			  sizeof(attr)) == 0)
		return 0;
	(void)error_set(err, errno, "cannot set the propagation of the root");
	return error_at(err, "linux.rootfsPropagation");
}

int rootfs_read_only(struct error *err)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };

	if (mount_setattr(AT_FDCWD, "/", 0, &attr, sizeof(attr)) < 0)
		return error_set(err, errno, "cannot make the root read-only");
	return 0;
}
