/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>

#include "base/auto.h"
#include "base/error.h"
#include "kernel/console.h"
#include "kernel/inside.h"

/* The file to mount on; a link, which could lead into /proc, is refused. */
static int open_place(int rootfd, struct error *err)
{
	auto_close int devfd = inside_open(rootfd, "/dev", O_PATH | O_DIRECTORY);
	auto_close int made = -1;
	int place;

	if (devfd < 0)
		return error_set(err, errno, "cannot open '/dev' in the root");
	made = openat(devfd, "console",
		      O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0620);
	if (made < 0 && errno != EEXIST)
		return error_set(err, errno, "cannot create '/dev/console' in the root");
	place = inside_open_direct(devfd, "console", O_PATH);
	if (place < 0 && errno == ELOOP)
		return error_set(err, 0, "'/dev/console' in the root is a link");
	if (place < 0)
		return error_set(err, errno, "cannot open '/dev/console' in the root");
	return place;
}

int console_apply(int rootfd, int slave, struct error *err)
{
	auto_close int tree =
		open_tree(slave, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	auto_close int place = -1;

	if (tree < 0)
		return error_set(err, errno, "cannot clone the mount of the pty");
	place = open_place(rootfd, err);
	if (place < 0)
		return -1;
	if (move_mount(tree, "", place, "",
		       MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return error_set(err, errno, "cannot mount the pty on '/dev/console'");
	return 0;
}
