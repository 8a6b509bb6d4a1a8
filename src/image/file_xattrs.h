/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * file_xattrs - extended attributes of a file in a tree. Those of overlayfs are its own
 * and left out of an upper; one that the container set on its side stands escaped in the
 * upper (trusted.overlay.overlay.X) and is given back its name. security.selinux is the
 * host's policy's. Contract: xattr(7), overlayfs.rst "Nesting overlayfs mounts".
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct error;
struct inside_ids;
struct text;
struct walk_entry;

enum file_xattrs_flags {
	FILE_XATTRS_UPPER = 1,
};

struct file_xattrs {
	enum file_xattrs_flags flags;
	const struct inside_ids *ids; /* that are turned back; NULL: none */
	uint64_t dropped;             /* of the host's policy, counted on */
};

/* All that are kept, as records of the archive, in the order of their names. */
int file_xattrs_read(const struct walk_entry *from, struct file_xattrs *how,
		     struct text *records, struct error *err);

/* The name under which a layer keeps an attribute of a tar: one of overlayfs is the
 * container's own and escaped (shown again since Linux 6.7). NULL: it is left out. */
const char *file_xattrs_stored_name(const char *name, struct text *buffer);

/* Whether parent/name has attributes, or it cannot be told. */
bool file_xattrs_any(int parent, const char *name);

/* Whether overlayfs keeps its books in "user.overlay.", as it does where the caller may
 * not set what is "trusted." (mount option userxattr). */
bool file_xattrs_overlay_is_user(void);

/* "trusted.overlay.NAME", or that in "user.", of parent/name: its length, at most size
 * bytes of it in value; 0: there is none; -1: something else is wrong. */
ssize_t file_xattrs_overlay(int parent, const char *name, const char *attribute,
			    char *value, size_t size);
