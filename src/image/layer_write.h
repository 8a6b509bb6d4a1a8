/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * layer_write - the files of a tree to a tar that is the same for the same tree: whole
 * seconds, no user names, names byte for byte, extended attributes in the order of their
 * names, holes as zeros. Contract: image specification layer.md.
 */

#include <stdint.h>

#include "base/arena.h"
#include "image/digest.h"
#include "image/file_xattrs.h"
#include "image/tar_write.h"

struct error;
struct progress;
struct stream;
struct walk_entry;

struct layer_write {
	struct file_xattrs
		xattrs; /* how they are read; its ids are those of owners too */
	struct progress *progress; /* NULL: none */
	const int64_t *latest;     /* time of change that there may be; NULL: any */
	struct tar_write tar;
	struct arena arena; /* of the paths that other names may link to */
	void *links;        /* tsearch(3) tree of those */
	uint64_t entries;
	uint64_t whiteouts; /* of these */
	uint64_t sockets;   /* left out: a tar knows none */
};

#define auto_layer_write __attribute__((cleanup(layer_write_release)))

/* *writer is zero but for its first three members; the stream is borrowed. */
int layer_write_open(struct layer_write *writer, struct stream *stream,
		     struct error *err);

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
