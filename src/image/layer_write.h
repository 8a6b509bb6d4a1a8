/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * layer_write - entries to a tar that is the same for the same tree: pax headers only
 * where they are needed, whole seconds, no user names, extended attributes as
 * SCHILY.xattr, names byte for byte. Contract: pax(1), image specification layer.md;
 * libarchive_formats(5).
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "image/digest.h"

struct archive;
struct archive_entry;
struct error;
struct walk_entry;

enum layer_write_flags {
	LAYER_WRITE_UPPER = 1, /* attributes of overlayfs are its own, and escaped ones
				  the container's */
};

struct layer_write {
	enum layer_write_flags flags;
	int fd; /* borrowed */
	struct digest digest;
	struct archive *archive;
	struct archive_entry *entry;
	struct arena arena; /* of the paths that other names may link to */
	void *links;        /* tsearch(3) tree of those */
	uint64_t entries, bytes;
	uint64_t sockets; /* left out: a tar knows none */
	int code;         /* errno of write(2) */
	bool abandoned;   /* nothing is to be written any more */
};

#define auto_layer_write __attribute__((cleanup(layer_write_release)))

/* *writer is zero but for its flags. Changes the locale of the program (LC_CTYPE). */
int layer_write_open(struct layer_write *writer, int fd, struct error *err);

/* An entry with all it has; a socket is counted and left out. */
int layer_write_add(struct layer_write *writer, const struct walk_entry *entry,
		    struct error *err);

/* An empty file of root's with that path, mode 0 and time 0, as others write whiteouts.
 */
int layer_write_whiteout(struct layer_write *writer, const char *path, struct error *err);

/* Writes the end, and tells the digest of everything. */
int layer_write_finish(struct layer_write *writer, char hex[DIGEST_HEX_SIZE],
		       struct error *err);

void layer_write_release(struct layer_write *writer);
