/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/error.h"
#include "container/record.h"
#include "image/merged.h"
#include "kernel/overlay.h"
#include "kernel/rootfs.h"

static int open_directory(const char *path, struct error *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? error_set(err, errno, "cannot open '%s'", path) : fd;
}

/* The upper is the topmost layer here. */
static int open_layers(const struct record *record, int *fds, size_t *count,
		       struct error *err)
{
	if (record->lowers_count + 1 > OVERLAY_LOWERS_MAX)
		return error_set(
			err, 0,
			"%zu lower layers and the upper are more than the kernel "
			"shows at once (%d); use --diff",
			record->lowers_count, OVERLAY_LOWERS_MAX);
	for (size_t i = 0; i <= record->lowers_count; i++) {
		const char *path =
			i == 0 ? record->upper.path : record->lowers[i - 1].path;

		fds[i] = open_directory(path, err);
		if (fds[i] < 0)
			return -1;
		*count = i + 1;
	}
	return 0;
}

int merged_open_plain(const char *path, struct error *err)
{
	int fd = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	return fd < 0 ? error_set(err, errno, "cannot open '%s'", path) : fd;
}

int merged_open(const struct record *record, struct error *err)
{
	int fds[OVERLAY_LOWERS_MAX];
	struct overlay overlay = { .lowers = fds, .upper = -1, .work = -1 };
	int root = -1;

	if (record->lowers_count == 0)
		return merged_open_plain(record->rootfs, err);
	if (unshare(CLONE_NEWNS) < 0)
		return error_set(err, errno, "cannot make a mount namespace");
	if (rootfs_isolate(err) < 0)
		return -1;
	if (open_layers(record, fds, &overlay.lowers_count, err) == 0)
		root = overlay_open(&overlay, err);
	for (size_t i = 0; i < overlay.lowers_count; i++)
		(void)close(fds[i]);
	return root;
}
