/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * tar_header - what stands before the data of an entry: a block of ustar, and before it,
 * where that cannot hold something, a pax header with records. The same entry is the same
 * bytes. Pure. Contract: pax(1p) "ustar Interchange Format", "pax Extended Header";
 * SCHILY.xattr as star(1), GNU tar and the image specification (layer.md) have it.
 */

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct text;

enum { TAR_BLOCK = 512 };

enum tar_type {
	TAR_FILE = '0',
	TAR_HARD_LINK = '1',
	TAR_SYMLINK = '2',
	TAR_CHARACTER = '3',
	TAR_BLOCK_DEVICE = '4',
	TAR_DIRECTORY = '5',
	TAR_FIFO = '6',
};

struct tar_entry {
	enum tar_type type;
	const char *path;   /* byte for byte; a directory's ends with "/" */
	const char *target; /* of a link, else NULL */
	mode_t mode;        /* its permissions */
	uid_t uid;
	gid_t gid;
	int64_t mtime;
	uint64_t size; /* of the data that follows */
	dev_t device;
	const struct text *xattrs; /* records, or NULL */
};

/* Adds the blocks of the entry to *blocks. */
void tar_header_format(const struct tar_entry *entry, struct text *blocks);

/*
 * Adds the record of an extended attribute to *records: SCHILY.xattr.NAME with name and
 * value byte for byte. A "=" would end the name there, so such a one is written in the
 * form of LIBARCHIVE.xattr (libarchive-formats(5)), which others leave out.
 */
void tar_header_xattr(struct text *records, const char *name, const void *value,
		      size_t size);
