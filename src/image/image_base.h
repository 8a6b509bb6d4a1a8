/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* image_base - an image in a layout directory, which another one is to stand on. */

#include <stddef.h>

#include "base/arena.h"
#include "image/image_documents.h"

struct error;
struct json;
struct target;

struct image_base {
	struct arena arena;
	int blobs;                            /* its blobs/sha256 */
	const struct json *manifest, *config; /* NULL: there is no base */
	struct image_descriptor *layers;      /* of the manifest, lowest first */
	size_t layers_count;
};

#define auto_image_base __attribute__((cleanup(image_base_release)))
#define IMAGE_BASE_NONE      \
	{                    \
		.blobs = -1, \
	}

/* *base is IMAGE_BASE_NONE before. Manifest and configuration are checked by their
 * digests; layers are there and have their size. */
int image_base_open(struct image_base *base, const struct target *target,
		    struct error *err);

/* An owned descriptor of a layer's file. */
int image_base_open_layer(const struct image_base *base, size_t index, struct error *err);
void image_base_release(struct image_base *base);

/* The parsed document in dirfd/name; *err names it. NULL: not there, ENOENT in err->code,
 * or wrong. In the arena. */
struct json *image_base_read_json(int dirfd, const char *name, struct arena *arena,
				  struct error *err);
