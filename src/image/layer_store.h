/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * layer_store - the directories of layers below DATA_ROOT/layers: each is there whole or
 * not at all, and never written again.
 *
 *	sha256/HEX     a layer: HEX is the digest of the tar that a configuration names,
 *or the chain id of a layer of an image. Of a plain tar that stands on nothing the two
 *are one. scratch/HEX    one of an image while it is unpacked; locked by who does it
 *(flock)
 */

struct error;

/* The directory of layers, STORE/sha256, made if need be; owned. */
int layer_store_open(const char *store, struct error *err);

/* scratchfd/name, which is whole on the disk, becomes the layer of that name, unless
 * another has put it there meanwhile: then it is the same, and ours is removed. */
int layer_store_put(int layersfd, const char *hex, int scratchfd, const char *name,
		    struct error *err);
