/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * image - an image in a layout that somebody else wrote: from its name to its manifest,
 * its configuration and its layers. All documents are checked by their digests.
 */

#include <stddef.h>

#include "base/arena.h"
#include "image/image_layout.h"

struct error;
struct json;
struct target;

struct image_layer {
	struct image_descriptor blob; /* as it is stored, mostly compressed */
	const char *type;             /* its media type */
	/* SHA-256 of the layer as a tar; of it and all layers below, config.md "Layer
	 * ChainID". */
	char diff_id[DIGEST_HEX_SIZE], chain_id[DIGEST_HEX_SIZE];
};

struct image {
	struct arena arena;
	struct image_layout layout;
	struct image_descriptor manifest_blob, config_blob;
	const struct json *manifest, *config; /* NULL: it was not opened */
	struct image_layer *layers;           /* lowest first */
	size_t layers_count;
};

#define auto_image __attribute__((cleanup(image_release)))
#define IMAGE_NONE                           \
	{                                    \
		.layout = IMAGE_LAYOUT_NONE, \
	}

enum image_flags {
	IMAGE_OCI = 1, /* documents of docker's types are refused */
};

/*
 * Of several images that have the tag (or of all, without one) that for this machine is
 * taken. Its layers are there and have their size. scratch: as for image_layout_open().
 * *image is IMAGE_NONE before.
 */
int image_open(struct image *image, const struct target *target, const char *scratch,
	       enum image_flags flags, struct error *err);

/* Whether all layers are of types that can be unpacked, and no more than an overlay
 * takes. */
int image_check_layers(const struct image *image, struct error *err);

/* An owned descriptor of a layer's file, whose content was not looked at. */
int image_open_layer(const struct image *image, size_t index, struct error *err);

void image_release(struct image *image);
