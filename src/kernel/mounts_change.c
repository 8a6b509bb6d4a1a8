/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "kernel/inside.h"
#include "kernel/mounts.h"
#include "kernel/mounts_change.h"
#include "kernel/mounts_list.h"
#include "oci/config.h"

/* Others name things of the host, whose paths mean something else by then. */
static bool can_be_new(const char *type)
{
	static const char *const types[] = { "devpts", "mqueue", "proc",
					     "sysfs",  "tmpfs",  NULL };

	for (const char *const *t = types; *t != NULL; t++) {
		if (strcmp(*t, type) == 0)
			return true;
	}
	return false;
}

static int check_late(const struct mount *mount, struct error *err)
{
	/* What was there before would be lost. */
	if (mount->options.remount && !mount->is_bind)
		return error_set(err, 0, "option 'remount' makes no mount");
	if (mount->options.copy_symlink)
		return error_set(err, 0, "option 'copy-symlink' makes no mount");
	if (mount->is_bind || can_be_new(mount->from->type))
		return 0;
	(void)error_set(err, 0, "a '%s' cannot be added to a container that lives",
			mount->from->type);
	(void)error_hint(err, "mount it on the host, and add a bind mount of it");
	return error_at(err, "type");
}

int mounts_check_late(const struct config *config, struct error *err)
{
	auto_arena struct arena arena = { 0 };
	struct mounts mounts;

	if (mounts_read(&mounts, config, &arena, err) < 0)
		return -1;
	for (size_t i = 0; i < mounts.count; i++) {
		if (check_late(&mounts.list[i], err) < 0)
			return error_at(err, "mounts[%zu]", i);
	}
	return 0;
}

/* By the descriptor and not by a path, which the container may change meanwhile; the one
 * link in it is procfs's. */
static int detach(int tree, int procfd)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "self/fd/%d", tree);
	if (fchdir(procfd) < 0)
		return -1;
	return umount2(path, MNT_DETACH);
}

void mounts_undo(const struct mounts *mounts, int procfd)
{
	for (size_t i = mounts->count; i > 0; i--) {
		const struct mount *mount = &mounts->list[i - 1];

		if (mount->is_attached)
			(void)detach(mount->tree, procfd);
	}
}

static int look_at(const struct mount *mount, int fd, struct statx *status,
		   struct error *err)
{
	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_MNT_ID, status) < 0)
		return error_set(err, errno, "cannot look at '%s'", mount->destination);
	return 0;
}

static int check_mounted(const struct mounts *mounts, size_t index, int rootfd,
			 struct error *err)
{
	const struct mount *mount = &mounts->list[index];
	struct statx status, root, other;

	if (look_at(mount, mount->tree, &status, err) < 0 ||
	    look_at(mount, rootfd, &root, err) < 0)
		return -1;
	if ((status.stx_attributes & STATX_ATTR_MOUNT_ROOT) == 0)
		return error_set(err, 0, "nothing is mounted on '%s'",
				 mount->destination);
	if (status.stx_mnt_id == root.stx_mnt_id)
		return error_set(err, 0, "'%s' leads to the root itself",
				 mount->destination);
	for (size_t i = 0; i < index; i++) {
		if (look_at(mount, mounts->list[i].tree, &other, err) < 0)
			return -1;
		if (other.stx_mnt_id == status.stx_mnt_id)
			return error_set(err, 0, "'%s' is the same mount as '%s'",
					 mount->destination, mounts->list[i].destination);
	}
	return 0;
}

static int find_mounted(const struct mounts *mounts, size_t index, int rootfd,
			struct error *err)
{
	struct mount *mount = &mounts->list[index];

	/* By a link the container would choose which of its mounts goes: a masked path
	 * for one. */
	mount->tree = inside_open_direct(rootfd, mount->destination, O_PATH | O_NOFOLLOW);
	if (mount->tree < 0 && errno == ELOOP)
		(void)error_set(err, 0, "'%s' lies below a link", mount->destination);
	else if (mount->tree < 0)
		(void)error_set(err, errno, "cannot open '%s' in the root",
				mount->destination);
	if (mount->tree < 0 || check_mounted(mounts, index, rootfd, err) < 0)
		return error_at(err, "mounts[%zu].destination", index);
	return 0;
}

/* Those of later ones may lie below those of earlier ones. */
static int detach_all(const struct mounts *mounts, int procfd, struct error *err)
{
	for (size_t i = mounts->count; i > 0; i--) {
		const struct mount *mount = &mounts->list[i - 1];

		if (detach(mount->tree, procfd) == 0)
			continue;
		(void)error_set(err, errno, "cannot unmount '%s'", mount->destination);
		return error_at(err, "mounts[%zu]", i - 1);
	}
	return 0;
}

int mounts_remove(const struct config *config, int rootfd, int procfd, struct error *err)
{
	auto_arena struct arena arena = { 0 };
	struct mounts mounts;
	int result = 0;

	if (mounts_read(&mounts, config, &arena, err) < 0)
		return -1;
	for (size_t i = 0; i < mounts.count && result == 0; i++)
		result = find_mounted(&mounts, i, rootfd, err);
	if (result == 0)
		result = detach_all(&mounts, procfd, err);
	mounts_close(&mounts);
	return result;
}
