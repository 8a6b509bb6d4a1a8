/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * tar_input - a tar file, plain or compressed, entry by entry, and the digest of the file
 * in the same pass.
 *
 * Two readers of libarchive, one behind the other: the first only takes away the
 * compression, so that its stream can be followed to its end, where gzip, xz and zstd say
 * whether it was cut off; the second only knows tar. The C locale is a must: in a UTF-8
 * one libarchive composes the characters of names, and they would not be the same bytes.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "image/digest.h"

struct archive;
struct archive_entry;
struct error;

struct tar_input {
	int fd;                      /* borrowed */
	const char *name;            /* for messages */
	struct digest digest, plain; /* of the file; of the tar */
	bool has_plain;              /* the second is taken too */
	char hex[DIGEST_HEX_SIZE];   /* the first, at the end */
	struct archive *stream, *tar;
	char *buffer;
	size_t entries;
	uint64_t bytes; /* of the tar */
	int code;       /* errno of read(2) */
};

#define auto_tar_input __attribute__((cleanup(tar_input_release)))

/* *input is zero before, but for has_plain. */
int tar_input_open(struct tar_input *input, int fd, const char *name, struct error *err);

/* 1, or 0 at the end of the tar. The entry is valid until the next call. */
int tar_input_next(struct tar_input *input, struct archive_entry **entry,
		   struct error *err);

/* Writes the data of the entry to the empty file fd: its size, holes as holes. */
int tar_input_copy(struct tar_input *input, int fd, struct error *err);

/* After the end: whether the file is whole, and its digest. */
int tar_input_finish(struct tar_input *input, char hex[DIGEST_HEX_SIZE],
		     struct error *err);

/* After that: the digest of the tar, whatever its compression; has_plain. */
int tar_input_plain_digest(struct tar_input *input, char hex[DIGEST_HEX_SIZE],
			   struct error *err);

void tar_input_release(struct tar_input *input);
