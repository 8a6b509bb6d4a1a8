/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * image_layers - the layers of an image in the store, under their chain ids: those that
 * are not there yet are unpacked, several at a time, and all of them get their names when
 * all are whole. One that others unpack at the same time is waited for.
 */

#include <stddef.h>
#include <stdint.h>

#include "image/losses.h"

struct arena;
struct error;
struct image;

struct image_layers {
	char **paths;            /* their directories, topmost first, NULL at the end */
	size_t count, unpacked;  /* so many of them now */
	uint64_t entries, bytes; /* of those, as tars */
	struct losses losses;
};

/* store: DATA_ROOT/layers. Digests of blobs and tars are those of the image, or it is an
 * error and the store as it was. The paths are in the arena. */
int image_layers_unpack(const struct image *image, const char *store, struct arena *arena,
			struct image_layers *layers, struct error *err);
