/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * mount_options - mounts[].options: words to flags and data. Pure. Shared by the features
 * that mount. Contract: config.md "Linux mount options", mount(8), mount_setattr(2).
 */

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct error;
struct mount_attr;

struct mount_options {
	uint64_t set, clear;                     /* MOUNT_ATTR_…, this mount */
	uint64_t recursive_set, recursive_clear; /* "rro", "rnosuid", …: and all below */
	uint64_t propagation;                    /* MS_SHARED, MS_SLAVE, …, or 0 */
	bool propagation_recursive;              /* "rslave" rather than "slave" */
	bool bind, recursive_bind;               /* "bind", "rbind" */
	bool read_only; /* "ro": of the file system too, when it is new */
	bool remount;   /* change what is mounted there already */
	/* "idmap", "ridmap": the ids of the source are mapped, of all below it too; the
	 * text after '=' (crun's form), or "". NULL: not asked. */
	const char *idmap;
	bool idmap_recursive;
	bool tmpcopyup; /* fill a tmpfs with what it covers */
	/* crun's, for a bind whose source, or destination, is a link: not what it leads
	 * to is meant, but the link; or the source is to be made again as a link. */
	bool source_nofollow, destination_nofollow; /* "src-nofollow", "dest-nofollow" */
	bool copy_symlink;
	/* For fsconfig(2): "key" or "key=value", those of the superblock ("sync",
	 * "dirsync", "lazytime", "mand", …) among them, NULL ends it. Always empty for a
	 * bind: the superblock is not the container's, so its words are without effect,
	 * as in mount(2), and every other is an error. */
	const char **data;
};

/* The empty word is skipped. err->where is "options[N]". */
int mount_options_parse(struct mount_options *options, struct arena *arena, char **words,
			struct error *err);

/* The attributes of the mount itself, or of it and all below it, for mount_setattr(2);
 * the propagation is left to the caller. False: nothing to change. */
bool mount_options_attr(const struct mount_options *options, struct mount_attr *attr);
bool mount_options_recursive_attr(const struct mount_options *options,
				  struct mount_attr *attr);

/* Every word that mount_options_parse() takes a meaning from, for `features`; NULL ends
 * it. */
const char *const *mount_options_words(void);
