/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>

#include "base/auto.h"
#include "base/error.h"
#include "kernel/console.h"
#include "kernel/inside.h"

int console_apply(int rootfd, int slave, struct error *err)
{
	auto_close int tree =
		open_tree(slave, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	auto_close int place = -1;

	if (tree < 0)
		return error_set(err, errno, "cannot clone the mount of the pty");
	place = inside_make_file(rootfd, "/dev/console", 0620, err);
	if (place < 0)
		return -1;
	if (move_mount(tree, "", place, "",
		       MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return error_set(err, errno, "cannot mount the pty on '/dev/console'");
	return 0;
}
