/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/text.h"
#include "image/image.h"
#include "image/size_text.h"
#include "image/store.h"
#include "image/store_verb.h"
#include "image/target.h"
#include "oci/json_write.h"

static void put_member(struct text *text, const char *name, const char *value)
{
	text_format(text, "%-11s ", name);
	text_put_printable(text, value);
	text_put(text, "\n");
}

static void put_size(struct text *text, uint64_t size)
{
	char words[32];

	size_text_format(size, words, sizeof(words));
	text_format(text, "size        %" PRIu64 " (%s)\n", size, words);
}

static void put_users(struct text *text, const struct store_layer *layer,
		      const char *root)
{
	text_put(text, "containers  ");
	store_put_users(text, layer, root);
	text_put(text, "\n");
}

static void put_layer(struct text *text, const struct store_layer *layer,
		      const char *root)
{
	const struct store_record *record = &layer->record;

	put_member(text, "layer", layer->name);
	put_member(text, "directory", layer->path);
	if (record->unpacked != NULL) {
		put_member(text, "unpacked", record->unpacked);
		put_member(text, "tree", record->tree);
		text_format(text, "entries     %" PRIu64 "\n", record->entries);
		put_size(text, record->size);
	}
	put_users(text, layer, root);
}

static void show_layer(const struct store_request *request,
		       const struct store_layer *layer, struct text *text)
{
	struct json_writer *json;

	if (!request->json) {
		put_layer(text, layer, request->root);
		return;
	}
	json = json_writer_new("  ");
	json_open_object(json, NULL);
	store_put_json(json, layer);
	json_close_object(json);
	json_writer_finish(json, text);
}

/* A layer of an image. */
struct part {
	const struct image_layer *layer;
	const struct image_layer *parent; /* NULL: it is the lowest */
	const struct store_layer *here;   /* NULL: not in the store */
};

/* Under its chain id when an image was unpacked; under the digest of the file where that
 * was given as a lower. */
static const struct store_layer *find_here(const struct store *store,
					   const struct image_layer *layer)
{
	struct error ignored;
	const struct store_layer *found = store_find(store, layer->chain_id, &ignored);

	return found != NULL ? found : store_find(store, layer->blob.hex, &ignored);
}

static void put_digest(struct text *text, const char *name, const char *hex)
{
	text_format(text, "%-11s sha256:%s\n", name, hex);
}

static void put_digest_json(struct json_writer *json, const char *name, const char *hex)
{
	auto_text struct text digest = { 0 };

	text_format(&digest, "sha256:%s", hex);
	json_put_text(json, name, digest.data);
}

static void put_part(struct text *text, const struct part *part, const char *root)
{
	text_put(text, "\n");
	put_digest(text, "layer", part->layer->blob.hex);
	put_digest(text, "diff id", part->layer->diff_id);
	put_digest(text, "chain id", part->layer->chain_id);
	if (part->parent != NULL)
		put_digest(text, "parent", part->parent->chain_id);
	else
		put_member(text, "parent", "-");
	put_size(text, part->layer->blob.size);
	put_member(text, "directory", part->here != NULL ? part->here->path : "-");
	if (part->here != NULL)
		put_users(text, part->here, root);
}

static void put_part_json(struct json_writer *json, const struct part *part)
{
	json_open_object(json, NULL);
	put_digest_json(json, "digest", part->layer->blob.hex);
	put_digest_json(json, "diffId", part->layer->diff_id);
	put_digest_json(json, "chainId", part->layer->chain_id);
	if (part->parent != NULL)
		put_digest_json(json, "parent", part->parent->chain_id);
	json_put_uint(json, "size", part->layer->blob.size);
	if (part->here != NULL) {
		json_open_object(json, "layer");
		store_put_json(json, part->here);
		json_close_object(json);
	}
	json_close_object(json);
}

static void put_parts(const struct store_request *request, const struct image *image,
		      const struct store *store, struct json_writer *json,
		      struct text *text)
{
	for (size_t i = 0; i < image->layers_count; i++) {
		const struct part part = {
			.layer = &image->layers[i],
			.parent = i > 0 ? &image->layers[i - 1] : NULL,
			.here = find_here(store, &image->layers[i]),
		};

		if (json != NULL)
			put_part_json(json, &part);
		else
			put_part(text, &part, request->root);
	}
}

static void put_image(const struct store_request *request, const struct image *image,
		      const struct store *store, struct text *text)
{
	struct json_writer *json;

	if (!request->json) {
		put_member(text, "image", request->words[1]);
		put_digest(text, "config", image->config_blob.hex);
		put_parts(request, image, store, NULL, text);
		return;
	}
	json = json_writer_new("  ");
	json_open_object(json, NULL);
	json_put_text(json, "image", request->words[1]);
	put_digest_json(json, "config", image->config_blob.hex);
	json_open_array(json, "layers");
	put_parts(request, image, store, json, text);
	json_close_array(json);
	json_close_object(json);
	json_writer_finish(json, text);
}

int store_show(const struct store_request *request, struct store *store,
	       struct text *text, struct error *err)
{
	auto_image struct image image = IMAGE_NONE;
	const struct store_layer *layer;
	struct target target;

	if (target_parse(&target, request->words[1], &store->arena, err) < 0)
		return -1;
	if (target.kind == TARGET_LAYOUT) {
		if (image_open(&image, &target, NULL, 0, err) < 0)
			return -1;
		put_image(request, &image, store, text);
		return 0;
	}
	if (target.kind == TARGET_ARCHIVE)
		return error_set(err, 0,
				 "'%s': an image is looked at in a directory, "
				 "oci:DIR[:TAG]",
				 request->words[1]);
	layer = store_find(store, request->words[1], err);
	if (layer == NULL)
		return -1;
	show_layer(request, layer, text);
	return 0;
}
