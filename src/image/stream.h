/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* stream - bytes to a descriptor, compressed or not, and the digest of what arrives
 * there if it is compressed: if it is not, the writer knows it already. The same bytes
 * in give the same out: no name and no time in a gzip. */

#include <stddef.h>
#include <stdint.h>

#include "image/digest.h"

struct archive;
struct compression;
struct error;

struct stream {
	int fd;                 /* borrowed */
	struct archive *filter; /* NULL: not compressed */
	struct digest digest;
	uint64_t bytes; /* that arrived */
	int code;       /* errno of the descriptor */
};

#define auto_stream __attribute__((cleanup(stream_release)))

/* *stream is zero before. */
int stream_open(struct stream *stream, int fd, const struct compression *compression,
		struct error *err);
int stream_write(struct stream *stream, const void *bytes, size_t size,
		 struct error *err);

/* hex: of what was written, and then of what arrived. */
int stream_finish(struct stream *stream, char hex[DIGEST_HEX_SIZE], struct error *err);
void stream_release(struct stream *stream);
