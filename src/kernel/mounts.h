/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * mounts - config.mounts: what lies over the root.
 *
 * Every source of the host is a detached mount before the child looks at a byte of the
 * root (mounts_open), every destination a descriptor resolved inside the root
 * (inside.h), and a mount goes from descriptor to descriptor. Contract: fsopen(2),
 * open_tree(2), mount_setattr(2), move_mount(2); config.md "Mounts".
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct arena;
struct cgroup;
struct config;
struct error;
struct mounts;

/* Option words, types, and the sources of bind mounts, which must exist (relative ones
 * below bundle_path). Touches nothing. err->where is "mounts[N]…". */
int mounts_check(const struct config *config, const char *bundle_path, struct error *err);

/*
 * What has to be there in the root before anything is mounted, in order: a destination
 * that lies under that of an earlier mount is left out, since it is made there. For the
 * init layer. is_file: a bind mount of something that is no directory.
 */
struct mount_point {
	const char *path;
	bool is_file;
	bool is_final;    /* a link there is what is meant, not what it leads to */
	const char *link; /* what to make is a link with that content; NULL: it is not */
	mode_t mode; /* what a tmpfs there would have, 01777, since it takes over that */
};
struct mount_point *mounts_points(const struct config *config, const char *bundle_path,
				  struct arena *arena, size_t *count);

/* mounts_binds.c: the bind mounts, in order, with the path of the source on the host; for
 * who makes the mounts of a container again without us. mounts_check() has passed. */
struct mount_bind {
	const char *destination; /* cleaned, links not followed */
	const char *source;
};
struct mount_bind *mounts_binds(const struct config *config, const char *bundle_path,
				struct arena *arena, size_t *count);

/*
 * In the child, still in the view of the host but in the new mount namespace, before its
 * propagation is changed, or in the launcher: opens every source, sets attributes and
 * propagation on the clones and maps their ids. user: the container's user namespace, or
 * -1. NULL after filling *err. Closed with the process; all strings in the arena.
 */
struct mounts *mounts_open(const struct config *config, const char *bundle_path, int user,
			   struct arena *arena, struct error *err);

/* Lets go of the sources that are still open. */
void mounts_close(struct mounts *mounts);

/*
 * In the child: attaches all of them below rootfd, the attached root, in the order of
 * the configuration; new file systems (proc, tmpfs, sysfs, …) are made here, in
 * the namespaces of the container. A mount over /proc must be a procfs, and neither /proc
 * nor /sys may be a link or lie below one (CVE-2019-16884, CVE-2019-19921,
 * CVE-2023-27561).
 */
int mounts_apply(const struct mounts *mounts, int rootfd, const struct cgroup *cgroup,
		 struct error *err);

/*
 * In the child, after devices_apply(), before rootfs_enter(): "ro" of a tmpfs and of
 * what is mounted on /dev, which had to take mount points and device nodes before. Lets
 * go of all of them when that is done.
 */
int mounts_finish(struct mounts *mounts, struct error *err);

/* Whether a bind mount gives the container another's /dev, to be left as it is: neither
 * devices_apply() nor the terminal's /dev/console may change it. Pure. */
bool mounts_bind_dev(const struct config *config);
