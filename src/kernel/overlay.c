/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>

#include "base/auto.h"
#include "base/error.h"
#include "kernel/overlay.h"
#include "kernel/overlay_ways.h"

int overlay_open(const struct overlay *overlay, struct error *err)
{
	static int (*const ways[])(const struct overlay *, struct error *) = {
		overlay_open_by_fd,
		overlay_open_by_name,
		overlay_open_by_page,
	};
	int result = OVERLAY_UNKNOWN;

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		result = ways[i](overlay, err);
		if (result != OVERLAY_UNKNOWN)
			break;
	}
	return result >= 0 ? result : -1;
}

/* f_type of statfs(2); what linux/magic.h lacks stands with its number. */
static const struct {
	long magic;
	const char *name;
} unfit[] = {
	{ NFS_SUPER_MAGIC, "NFS" },
	{ FUSE_SUPER_MAGIC, "FUSE" },
	{ OVERLAYFS_SUPER_MAGIC, "overlay" },
	{ V9FS_MAGIC, "9p" },
	{ MSDOS_SUPER_MAGIC, "FAT" },
	{ 0x2011bab0, "exFAT" },
	{ SMB_SUPER_MAGIC, "SMB" },
	{ 0xff534d42, "CIFS" },
	{ SMB2_SUPER_MAGIC, "SMB" },
	{ CEPH_SUPER_MAGIC, "Ceph" },
	{ AFS_FS_MAGIC, "AFS" },
	{ RAMFS_MAGIC, "ramfs" },
	{ PROC_SUPER_MAGIC, "proc" },
	{ SYSFS_MAGIC, "sysfs" },
	{ CGROUP_SUPER_MAGIC, "cgroup" },
	{ CGROUP2_SUPER_MAGIC, "cgroup2" },
	{ DEVPTS_SUPER_MAGIC, "devpts" },
	{ ISOFS_SUPER_MAGIC, "ISO 9660" },
	{ SQUASHFS_MAGIC, "squashfs" },
	{ EROFS_SUPER_MAGIC_V1, "erofs" },
	{ ECRYPTFS_SUPER_MAGIC, "eCryptfs" },
};

static int refuse(struct error *err)
{
	return error_hint(err, "give an upper on ext4, xfs, btrfs or tmpfs");
}

static int check_type(int upper, const char *upper_name, struct error *err)
{
	struct statfs status;

	if (fstatfs(upper, &status) < 0)
		return error_set(err, errno, "cannot look at '%s'", upper_name);
	for (size_t i = 0; i < sizeof(unfit) / sizeof(unfit[0]); i++) {
		if (status.f_type != unfit[i].magic)
			continue;
		(void)error_set(err, 0,
				"'%s' is on %s, which cannot carry an upper layer",
				upper_name, unfit[i].name);
		return refuse(err);
	}
	if ((status.f_flags & ST_RDONLY) == 0)
		return 0;
	(void)error_set(err, 0, "'%s' is on a read-only file system", upper_name);
	return refuse(err);
}

static int find_mount(int fd, uint64_t *mount_id)
{
	struct statx status;

	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_MNT_ID, &status) < 0)
		return -1;
	*mount_id = status.stx_mnt_id;
	return 0;
}

static int check_one_mount(int upper, int work, const char *upper_name, struct error *err)
{
	uint64_t upper_mount, work_mount;

	if (find_mount(upper, &upper_mount) < 0 || find_mount(work, &work_mount) < 0)
		return error_set(err, errno, "cannot look at '%s'", upper_name);
	if (upper_mount == work_mount)
		return 0;
	return error_set(err, 0, "'%s' and its work directory are on different mounts",
			 upper_name);
}

/* Whiteouts and opaque directories are trusted.* attributes, and user.* ones of whoever
 * may not set those. */
static int try_attributes(int fd)
{
	static const char *const names[] = { "trusted.minirun", "user.minirun" };

	for (size_t i = 0; i < 2; i++) {
		if (fsetxattr(fd, names[i], "y", 1, 0) == 0)
			return fremovexattr(fd, names[i]);
		if (errno != EPERM)
			return -1;
	}
	return -1;
}

/* On work, not on the upper, whose content is the container's. */
static int check_attributes(int work, const char *upper_name, struct error *err)
{
	auto_close int fd = openat(work, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return error_set(err, errno, "cannot open the work directory of '%s'",
				 upper_name);
	if (try_attributes(fd) == 0)
		return 0;
	if (errno != EOPNOTSUPP && errno != ENOSYS)
		return error_set(err, errno,
				 "cannot set an extended attribute beside '%s'",
				 upper_name);
	(void)error_set(err, 0, "'%s' is on a file system without extended attributes",
			upper_name);
	return refuse(err);
}

int overlay_check_upper(int upper, int work, const char *upper_name, struct error *err)
{
	if (check_type(upper, upper_name, err) < 0)
		return -1;
	if (work < 0)
		return 0;
	if (check_one_mount(upper, work, upper_name, err) < 0)
		return -1;
	return check_attributes(work, upper_name, err);
}
