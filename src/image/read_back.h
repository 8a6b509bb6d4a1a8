/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* read_back - whether what was written is what is read: for commit --verify. */

#include <stdbool.h>
#include <stdint.h>

struct error;
struct progress;

/* What a file is meant to hold. */
struct read_back {
	const char *hex;  /* SHA-256 of its bytes */
	uint64_t size;    /* that it has */
	const char *tar;  /* SHA-256 of it uncompressed; NULL: it is not compressed */
	const char *name; /* for messages */
};

/* fd: open for reading. Flushed first, and read from the disk and not the cache where the
 * file system lets it be known. */
int read_back(int fd, const struct read_back *expected, struct progress *progress,
	      struct error *err);
