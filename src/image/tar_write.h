/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* tar_write - a tar to a stream, in large writes, and its digest in the same pass. Both
 * are done by threads beside the caller, who reads meanwhile. */

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "image/digest.h"

struct error;
struct pipeline;
struct stream;
struct tar_entry;

struct tar_write {
	struct pipeline *pipeline;
	struct digest digest;
	struct text blocks; /* of a header */
	char *buffer;       /* NULL: none is taken */
	size_t used;        /* of the buffer */
	uint64_t bytes;     /* written before those */
};

/* *tar is zero before, and stays where it is; the stream is the tar's until it is
 * finished or released. */
int tar_write_open(struct tar_write *tar, struct stream *stream, struct error *err);

/* What stands before the data of the entry. */
int tar_write_header(struct tar_write *tar, const struct tar_entry *entry,
		     struct error *err);

/* Where the next bytes of data are to be put, by the caller, and for how many there is
 * room: some. NULL: an error. */
char *tar_write_room(struct tar_write *tar, size_t *room, struct error *err);

/* So many have been put there. */
void tar_write_put(struct tar_write *tar, size_t size);

int tar_write_zeros(struct tar_write *tar, uint64_t size, struct error *err);

/* Zeros up to the end of the block: after the data. */
int tar_write_pad(struct tar_write *tar, struct error *err);

/* The two blocks of zeros at the end; tells the digest of everything. */
int tar_write_finish(struct tar_write *tar, char hex[DIGEST_HEX_SIZE], struct error *err);

void tar_write_release(struct tar_write *tar);
