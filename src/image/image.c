/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/text.h"
#include "image/digest.h"
#include "image/image.h"
#include "image/image_platform.h"
#include "image/target.h"
#include "kernel/overlay.h"
#include "oci/json.h"

enum { DEPTH_MAX = 4 }; /* indexes in indexes */

/* A kind of document, and what docker called it before there was a specification. */
struct kind {
	const char *type, *docker;
};

static const struct kind index_kind = {
	IMAGE_INDEX_TYPE, "application/vnd.docker.distribution.manifest.list.v2+json"
};
static const struct kind manifest_kind = {
	IMAGE_MANIFEST_TYPE, "application/vnd.docker.distribution.manifest.v2+json"
};
static const struct kind config_kind = {
	IMAGE_CONFIG_TYPE, "application/vnd.docker.container.image.v1+json"
};

static const char *const layer_types[] = {
	IMAGE_LAYER_TYPE,
	IMAGE_LAYER_TYPE "+gzip",
	IMAGE_LAYER_TYPE "+zstd",
	"application/vnd.docker.image.rootfs.diff.tar",
	"application/vnd.docker.image.rootfs.diff.tar.gzip",
	"application/vnd.docker.image.rootfs.diff.tar.zstd",
};

/* The bytes of such layers are to be had elsewhere, if at all. */
static const char *const foreign_types[] = {
	"application/vnd.oci.image.layer.nondistributable.v1.tar",
	"application/vnd.docker.image.rootfs.foreign.diff.tar",
};

static const char *type_of(const struct json *json)
{
	const char *type = json_string(json_find(json, "mediaType"));

	return type == NULL ? "" : type;
}

static bool is_kind(const char *type, const struct kind *kind, enum image_flags flags)
{
	return strcmp(type, kind->type) == 0 ||
	       (!(flags & IMAGE_OCI) && strcmp(type, kind->docker) == 0);
}

static int unknown_type(const char *type, const struct kind *kind, struct error *err)
{
	auto_text struct text shown = { 0 };

	text_put_printable(&shown, type);
	return error_set(err, 0, "it has '%s' where minirun knows '%s' alone",
			 shown.data == NULL ? "" : shown.data, kind->type);
}

/* What a descriptor leads to, which says of itself what the descriptor says, or nothing.
 */
static const struct json *follow(struct image *image, const struct json *descriptor,
				 struct image_descriptor *blob, struct error *err)
{
	const struct json *json, *type;

	if (image_descriptor_read(descriptor, blob, err) < 0)
		return NULL;
	json = image_layout_read_blob(&image->layout, blob, &image->arena, err);
	type = json_find(json, "mediaType");
	if (json == NULL || type == NULL ||
	    (type->type == JSON_STRING && strcmp(type->text, type_of(descriptor)) == 0))
		return json;
	(void)error_set(err, 0, "sha256:%s is not what its descriptor says: '%s'",
			blob->hex, type_of(descriptor));
	return NULL;
}

/* The descriptor of the manifest, through indexes of indexes. */
static const struct json *find_manifest(struct image *image, const struct json *index,
					const char *tag, enum image_flags flags,
					struct error *err)
{
	struct image_platform platform;
	struct image_descriptor blob;
	struct utsname host;

	(void)uname(&host);
	image_platform_find(&platform, host.machine);
	for (int depth = 0; depth < DEPTH_MAX && index != NULL; depth++) {
		const struct json *found = image_index_find(index, tag, &platform, err);

		if (found == NULL || !is_kind(type_of(found), &index_kind, flags))
			return found;
		index = follow(image, found, &blob, err);
		tag = NULL;
	}
	if (index != NULL)
		(void)error_set(err, 0, "it has more than %d indexes in each other",
				DEPTH_MAX);
	return NULL;
}

/* The configuration's own word, or the next of a chain. */
static int read_ids(struct image_layer *layer, const struct image_layer *below,
		    const struct json *id, struct error *err)
{
	auto_digest struct digest digest = { 0 };
	auto_text struct text chain = { 0 };

	if (image_digest_read(id, layer->diff_id, err) < 0)
		return -1;
	if (below == NULL) {
		memcpy(layer->chain_id, layer->diff_id, DIGEST_HEX_SIZE);
		return 0;
	}
	text_format(&chain, "sha256:%s sha256:%s", below->chain_id, layer->diff_id);
	if (digest_start(&digest, err) < 0 ||
	    digest_add(&digest, chain.data, chain.length, err) < 0)
		return -1;
	return digest_finish(&digest, layer->chain_id, err);
}

static size_t count_of(const struct json *list)
{
	return list != NULL && list->type == JSON_ARRAY ? list->count : 0;
}

static int read_layers(struct image *image, struct error *err)
{
	const struct json *layers = json_find(image->manifest, "layers");
	const size_t count = count_of(layers);
	const struct json *ids =
		json_find(json_find(image->config, "rootfs"), "diff_ids");
	const struct json *id;

	if (count_of(ids) != count)
		return error_set(err, 0, "it has %zu layers, and diff_ids of %zu", count,
				 count_of(ids));
	image->layers = arena_alloc(&image->arena, count + 1, sizeof(*image->layers));
	if (count == 0)
		return 0;
	id = ids->child;
	json_foreach (item, layers) {
		struct image_layer *layer = &image->layers[image->layers_count];
		auto_close int fd = -1;

		layer->type = type_of(item);
		if (image_descriptor_read(item, &layer->blob, err) < 0 ||
		    read_ids(layer, image->layers_count == 0 ? NULL : layer - 1, id,
			     err) < 0)
			return -1;
		fd = image_open_layer(image, image->layers_count, err);
		if (fd < 0)
			return -1;
		image->layers_count++;
		id = id->next;
	}
	return 0;
}

static int read_manifest(struct image *image, const struct json *descriptor,
			 enum image_flags flags, struct error *err)
{
	const struct json *config;

	if (!is_kind(type_of(descriptor), &manifest_kind, flags))
		return unknown_type(type_of(descriptor), &manifest_kind, err);
	image->manifest = follow(image, descriptor, &image->manifest_blob, err);
	if (image->manifest == NULL)
		return -1;
	config = json_find(image->manifest, "config");
	if (!is_kind(type_of(config), &config_kind, flags))
		return unknown_type(type_of(config), &config_kind, err);
	if (image_descriptor_read(config, &image->config_blob, err) < 0)
		return -1;
	image->config = image_layout_read_blob(&image->layout, &image->config_blob,
					       &image->arena, err);
	return image->config == NULL ? -1 : read_layers(image, err);
}

static int read_documents(struct image *image, const char *tag, enum image_flags flags,
			  struct error *err)
{
	const struct json *layout, *index, *descriptor;

	layout = image_layout_read(&image->layout, "oci-layout", &image->arena, err);
	if (layout == NULL || image_layout_check(layout, err) < 0)
		return -1;
	index = image_layout_read(&image->layout, "index.json", &image->arena, err);
	descriptor = index == NULL ? NULL : find_manifest(image, index, tag, flags, err);
	return descriptor == NULL ? -1 : read_manifest(image, descriptor, flags, err);
}

int image_open(struct image *image, const struct target *target, const char *scratch,
	       enum image_flags flags, struct error *err)
{
	if (image_layout_open(&image->layout, target, scratch, err) < 0)
		return -1;
	return read_documents(image, target->tag, flags, err) < 0
		       ? error_prefix(err, "'%s'", target->text)
		       : 0;
}

static int check_type(const struct image_layer *layer, struct error *err)
{
	auto_text struct text shown = { 0 };

	for (size_t i = 0; i < sizeof(layer_types) / sizeof(*layer_types); i++) {
		if (strcmp(layer->type, layer_types[i]) == 0)
			return 0;
	}
	for (size_t i = 0; i < sizeof(foreign_types) / sizeof(*foreign_types); i++) {
		if (strncmp(layer->type, foreign_types[i], strlen(foreign_types[i])) == 0)
			return error_set(err, 0,
					 "its layer sha256:%s is a foreign one ('%s'), "
					 "which images do not bring along",
					 layer->blob.hex, foreign_types[i]);
	}
	text_put_printable(&shown, layer->type);
	return error_set(err, 0, "its layer sha256:%s is of no known type: '%s'",
			 layer->blob.hex, shown.data == NULL ? "" : shown.data);
}

int image_check_layers(const struct image *image, struct error *err)
{
	if (image->layers_count == 0)
		return error_set(err, 0, "it has no layers");
	if (image->layers_count > OVERLAY_LOWERS_MAX)
		return error_set(err, 0, "it has %zu layers, more than %d",
				 image->layers_count, OVERLAY_LOWERS_MAX);
	for (size_t i = 0; i < image->layers_count; i++) {
		if (check_type(&image->layers[i], err) < 0)
			return -1;
	}
	return 0;
}

int image_open_layer(const struct image *image, size_t index, struct error *err)
{
	return image_layout_open_blob(&image->layout, &image->layers[index].blob, err);
}

void image_release(struct image *image)
{
	image_layout_release(&image->layout);
	arena_release(&image->arena);
}
