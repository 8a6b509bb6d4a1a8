/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* compression - the words of --compress, and what the image specification calls them.
 * Pure. */

struct error;

enum compression_kind {
	COMPRESSION_NONE,
	COMPRESSION_GZIP,
	COMPRESSION_ZSTD,
};

struct compression {
	enum compression_kind kind;
	int level; /* 0: the library's own */
};

/* "none", "gzip" or "zstd", with ":LEVEL" behind the last two. */
int compression_parse(struct compression *compression, const char *text,
		      struct error *err);

/* What a layer's media type ends in: "", "+gzip", "+zstd". */
const char *compression_suffix(const struct compression *compression);
