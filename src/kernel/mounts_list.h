/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* mounts_list - config.mounts as mounts.c and mounts_apply.c share it. */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "kernel/mount_options.h"

struct arena;
struct config;
struct config_linux;
struct config_mount;
struct error;

struct mount {
	const struct config_mount *from;
	const char *destination; /* cleaned, never "/" */
	struct mount_options options;
	bool is_bind;
	const char *label, *label_type; /* labels_of_mounts() */
	const char *link; /* of "copy-symlink": to make instead of a mount, or NULL */
	/* A bind's source as a detached mount; after mounts_apply() what is mounted,
	 * until mounts_finish(); else -1. */
	int tree;
	bool is_attached;
};

struct mounts {
	struct mount *list;
	size_t count;
};

/* Words to flags; makes and opens nothing. All strings in the arena. */
int mounts_read(struct mounts *mounts, const struct config *config, struct arena *arena,
		struct error *err);

/* The mode of the mount point, S_IFREG or S_IFDIR, that has to be made for it. */
mode_t mount_point_mode(const struct mount *mount, mode_t type);

/* What the link at the path says, or the descriptor itself for an empty path; NULL where
 * it is none. */
const char *mount_read_link(int dirfd, const char *path, struct arena *arena);

/* "rw" until mounts_finish(): others are still to be made on it. */
bool mount_is_read_only_late(const struct mount *mount);

/* mounts_idmap.c: whether the ids can be mapped as asked. Pure. */
int mount_check_ids(const struct mount *mount, const struct config_linux *linux_,
		    struct arena *arena, struct error *err);

/* Maps the ids of mount->tree, if that is asked, by its own maps or by those of the
 * container's user namespace (-1: there is none). */
int mount_map_ids(const struct mount *mount, const struct config_linux *linux_, int user,
		  struct arena *arena, struct error *err);

/*
 * mounts_new.c: a new file system of the mount's type as a detached mount with its
 * attributes. covered: the mode of the directory it will cover, which a tmpfs takes over
 * unless mode= is given. Owned, or -1.
 */
int mount_new(const struct mount *mount, mode_t covered, struct error *err);
