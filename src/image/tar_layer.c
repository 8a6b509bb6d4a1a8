/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "container/layers.h"
#include "container/layers_parts.h"
#include "container/layers_scratch.h"
#include "image/tar_layer.h"

const char *tar_layer_unpack(const char *data_root, const char *tar, struct arena *arena,
			     size_t *unpacked, struct error *err)
{
	const struct layers_request request = { .data_root = data_root };
	const char *store = arena_format(arena, "%s/layers", data_root);
	const char *name = arena_format(arena, "tar-%d", getpid());
	const char *layer = layers_store_seen(data_root, tar, arena);
	auto_close int scratch = -1;
	int fd;

	*unpacked = 0;
	if (layer != NULL)
		return layer;
	scratch = layers_scratch_open(store, err);
	fd = scratch < 0 ? -1 : layers_scratch_take(scratch, name, err);
	if (fd < 0)
		return NULL;
	layer = layers_store_find(&request,
				  arena_format(arena, "%s/scratch/%s", store, name), tar,
				  arena, err);
	layers_scratch_drop(scratch, name, &fd);
	*unpacked = layer != NULL;
	return layer;
}
