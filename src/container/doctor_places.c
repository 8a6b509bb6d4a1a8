/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/tree.h"
#include "container/doctor_parts.h"
#include "kernel/overlay.h"
#include "kernel/overlay_ways.h"

static void add_state(struct doctor *doctor)
{
	const char *root = doctor->host->root;
	const char *nearest = doctor_nearest(&doctor->arena, root);

	struct error err;

	if (access(nearest, W_OK | X_OK) == 0) {
		doctor_add(doctor, "state", DOCTOR_OK, NULL, "in '%s'", root);
		return;
	}
	(void)error_set(&err, errno, "cannot write to '%s' for '%s'", nearest, root);
	doctor_add_error(doctor, "state", DOCTOR_ERROR, &err,
			 doctor_is_ordinary() ? "set XDG_RUNTIME_DIR, or give --root"
					      : "give --root");
}

static int make_and_open(int dirfd, const char *name, struct error *err)
{
	int fd;

	if (mkdirat(dirfd, name, 0755) < 0)
		return error_set(err, errno, "cannot make directory '%s'", name);
	fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd >= 0 ? fd : error_set(err, errno, "cannot open '%s'", name);
}

/* Which of the ways the kernel takes is told in the place of an error. */
static int try_ways(const struct overlay *overlay, struct error *err)
{
	static const struct {
		int (*open)(const struct overlay *overlay, struct error *err);
		const char *text;
	} ways[] = {
		{ overlay_open_by_fd, "layers by descriptor, Linux 6.13" },
		{ overlay_open_by_name, "layers by name, Linux 6.8" },
		{ overlay_open_by_page,
		  "layers by one page of names, as before Linux 6.8" },
	};

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		int tree = ways[i].open(overlay, err);

		if (tree == OVERLAY_UNKNOWN)
			continue;
		if (tree < 0)
			return -1;
		(void)close(tree);
		(void)error_set(err, 0, "%s", ways[i].text);
		return 0;
	}
	return -1;
}

/* In a temporary directory, by its path: overlayfs takes only mounts of the caller's
 * mount namespace. */
static int try_overlay(const void *context, struct error *err)
{
	const char *path = context;
	auto_close int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_close int lower = -1, upper = -1, work = -1;
	int lowers[1];

	if (fd < 0)
		return error_set(err, errno, "cannot open '%s'", path);
	lower = make_and_open(fd, "lower", err);
	upper = lower < 0 ? -1 : make_and_open(fd, "upper", err);
	work = upper < 0 ? -1 : make_and_open(fd, "work", err);
	if (work < 0 || overlay_check_upper(upper, work, path, err) < 0)
		return -1;
	lowers[0] = lower;
	return try_ways(&(struct overlay){ .lowers = lowers,
					   .lowers_count = 1,
					   .upper = upper,
					   .work = work },
			err);
}

/* By the shortest way, so that it works also where it is that which does not. */
static int remove_temporary(int parent, const char *path, struct error *err)
{
	static const char *const made[] = { "work/work", "work", "upper", "lower" };
	const char *name = strrchr(path, '/') + 1;
	auto_close int fd = openat(parent, name, O_PATH | O_DIRECTORY | O_CLOEXEC);

	for (size_t i = 0; fd >= 0 && i < sizeof(made) / sizeof(made[0]); i++)
		(void)unlinkat(fd, made[i], AT_REMOVEDIR);
	return tree_remove(parent, name, err);
}

static int try_in(struct doctor *doctor, const char *parent, struct error *err)
{
	auto_close int fd = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
	char *path = arena_format(&doctor->arena, "%s/.minirun-doctor-XXXXXX",
				  strcmp(parent, "/") == 0 ? "" : parent);
	const struct doctor_trial trial = { CLONE_NEWNS, try_overlay, path };
	struct error ignored;
	int result;

	/* The file system that cannot carry one says more than that it takes no
	 * directory. */
	if (fd < 0)
		return error_set(err, errno, "cannot open '%s'", parent);
	if (overlay_check_upper(fd, -1, parent, err) < 0)
		return -1;
	if (mkdtemp(path) == NULL)
		return error_set(err, errno, "cannot make a directory in '%s'", parent);
	result = doctor_try(&trial, err);
	if (remove_temporary(fd, path, result < 0 ? &ignored : err) < 0)
		return -1;
	return result;
}

static void add_overlay(struct doctor *doctor)
{
	const char *data_root = doctor->host->data_root;
	const char *nearest = doctor_nearest(&doctor->arena, data_root);
	struct error err;

	if (try_in(doctor, nearest, &err) == 0)
		doctor_add(doctor, "overlay", DOCTOR_OK, NULL, "for '%s', %s", data_root,
			   err.text);
	else
		doctor_add_error(
			doctor, "overlay", DOCTOR_WARNING, &err,
			"give a --data-root on ext4, xfs, btrfs or tmpfs; without "
			"one, root.overlay and --lower do not work");
}

void doctor_places(struct doctor *doctor)
{
	add_state(doctor);
	add_overlay(doctor);
}
