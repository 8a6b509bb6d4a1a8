/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/process.h"
#include "container/layers_parts.h"
#include "container/record.h"
#include "image/inside_ids.h"
#include "image/merged.h"
#include "kernel/overlay.h"
#include "kernel/rootfs.h"

static int open_directory(const char *path, struct error *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? error_set(err, errno, "cannot open '%s'", path) : fd;
}

/* The layers to look through, topmost first. */
struct stack {
	int fds[OVERLAY_LOWERS_MAX +
		1]; /* the upper on top of all the lowers there may be */
	size_t count;
};

static void stack_release(struct stack *stack)
{
	for (size_t i = 0; i < stack->count; i++)
		(void)close(stack->fds[i]);
}

static int open_stack(const struct record *record, struct stack *stack, struct error *err)
{
	if (record->lowers_count > OVERLAY_LOWERS_MAX)
		return error_set(err, 0, "%zu lower layers are more than %d",
				 record->lowers_count, OVERLAY_LOWERS_MAX);
	for (size_t i = 0; i <= record->lowers_count; i++) {
		const char *path =
			i == 0 ? record->upper.path : record->lowers[i - 1].path;

		stack->fds[i] = open_directory(path, err);
		if (stack->fds[i] < 0)
			return -1;
		stack->count++;
	}
	return 0;
}

/*
 * The upper counts as a layer here, and may be one too many for the kernel: then the two
 * lowest are merged first, in the place of the last in our mount namespace, since
 * overlayfs takes layers only from there.
 */
static int join_lowest(struct stack *stack, const char *lowest, struct error *err)
{
	const size_t last = stack->count - 1;
	const struct overlay overlay = { .lowers = &stack->fds[last - 1],
					 .lowers_count = 2,
					 .upper = -1,
					 .work = -1 };
	auto_close int tree = overlay_open(&overlay, err);
	auto_close int place = tree < 0 ? -1 : open_directory(lowest, err);
	int joined;

	if (place < 0)
		return -1;
	if (move_mount(tree, "", place, "",
		       MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return error_set(err, errno, "cannot mount on '%s'", lowest);
	joined = open_directory(lowest, err);
	if (joined < 0)
		return -1;
	(void)close(stack->fds[last]);
	(void)close(stack->fds[last - 1]);
	stack->fds[last - 1] = joined;
	stack->count = last;
	return 0;
}

/* Looking must not act: a device in it is not opened, even when a container that is not
 * held still puts one in the place of a file, and no time of access changes. */
static int set_harmless(int fd, struct error *err)
{
	struct mount_attr attributes = {
		.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV,
	};

	/* In a user namespace the host's choice is locked, mount_namespaces(7). */
	if (process_is_host()) {
		attributes.attr_set |= MOUNT_ATTR_NOATIME;
		attributes.attr_clr = MOUNT_ATTR__ATIME;
	}
	if (mount_setattr(fd, "", AT_EMPTY_PATH, &attributes, sizeof(attributes)) < 0)
		return error_set(err, errno, "cannot make the root read-only");
	return 0;
}

int merged_open_plain(const char *path, struct error *err)
{
	auto_close int fd =
		open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (fd < 0)
		return error_set(err, errno, "cannot open '%s'", path);
	return set_harmless(fd, err) < 0 ? -1 : take_fd(&fd);
}

/* As the container mounts them. Inside, they are seen so already. */
static int map_lowers(struct stack *stack, const struct inside_ids *ids,
		      struct error *err)
{
	if (ids->namespace < 0 || ids->is_inside)
		return 0;
	for (size_t i = 1; i < stack->count; i++) {
		if (layers_map_ids(&stack->fds[i], ids->namespace, err) < 0)
			return -1;
	}
	return 0;
}

int merged_open(const struct record *record, const struct inside_ids *ids,
		struct error *err)
{
	__attribute__((cleanup(stack_release))) struct stack stack = { .count = 0 };
	struct overlay overlay = { .lowers = stack.fds, .upper = -1, .work = -1 };
	auto_close int root = -1;

	if (record->lowers_count == 0)
		return merged_open_plain(record->rootfs, err);
	if (unshare(CLONE_NEWNS) < 0)
		return error_set(err, errno, "cannot make a mount namespace");
	if (rootfs_isolate(err) < 0 || open_stack(record, &stack, err) < 0 ||
	    map_lowers(&stack, ids, err) < 0)
		return -1;
	if (stack.count > OVERLAY_LOWERS_MAX &&
	    join_lowest(&stack, record->lowers[record->lowers_count - 1].path, err) < 0)
		return -1;
	overlay.lowers_count = stack.count;
	root = overlay_open(&overlay, err);
	return root < 0 || set_harmless(root, err) < 0 ? -1 : take_fd(&root);
}
