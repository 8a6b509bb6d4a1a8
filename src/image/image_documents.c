/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <string.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/parse.h"
#include "base/text.h"
#include "image/image_documents.h"
#include "image/image_platform.h"
#include "oci/json.h"
#include "oci/json_write.h"

static const char ref_name[] = "org.opencontainers.image.ref.name";
static const char digest_prefix[] = "sha256:";

static void put_members(struct json_writer *json, const char *type,
			const struct image_descriptor *descriptor)
{
	auto_text struct text digest = { 0 };

	text_format(&digest, "%s%s", digest_prefix, descriptor->hex);
	json_put_text(json, "mediaType", type);
	json_put_text(json, "digest", digest.data);
	json_put_uint(json, "size", descriptor->size);
}

static void put_descriptor(struct json_writer *json, const char *key, const char *type,
			   const struct image_descriptor *descriptor)
{
	json_open_object(json, key);
	put_members(json, type, descriptor);
	json_close_object(json);
}

/* Opens the document: what it is, and what the one before has besides. */
static struct json_writer *begin(const struct json *before, const char *type,
				 const char *const *own)
{
	struct json_writer *json = json_writer_new(NULL);

	json_open_object(json, NULL);
	json_put_int(json, "schemaVersion", 2);
	json_put_text(json, "mediaType", type);
	if (before == NULL)
		return json;
	json_foreach (item, before) {
		bool is_own = strcmp(item->key, "schemaVersion") == 0 ||
			      strcmp(item->key, "mediaType") == 0;

		for (size_t i = 0; own[i] != NULL; i++)
			is_own = is_own || strcmp(item->key, own[i]) == 0;
		if (!is_own)
			json_put_tree(json, item->key, item);
	}
	return json;
}

static void finish(struct json_writer *json, struct text *text)
{
	json_close_object(json);
	json_writer_finish(json, text);
}

void image_manifest_write(const struct json *base, const struct image_descriptor *config,
			  const struct image_descriptor *layer, const char *layer_suffix,
			  struct text *text)
{
	static const char *const own[] = { "config", "layers", NULL };
	struct json_writer *json = begin(base, IMAGE_MANIFEST_TYPE, own);
	const struct json *layers = json_find(base, "layers");
	auto_text struct text type = { 0 };

	put_descriptor(json, "config", IMAGE_CONFIG_TYPE, config);
	json_open_array(json, "layers");
	if (layers != NULL) {
		json_foreach (item, layers)
			json_put_tree(json, NULL, item);
	}
	text_format(&type, "%s%s", IMAGE_LAYER_TYPE, layer_suffix);
	put_descriptor(json, NULL, type.data, layer);
	json_close_array(json);
	finish(json, text);
}

static const char *tag_of(const struct json *descriptor)
{
	return json_string(json_find(json_find(descriptor, "annotations"), ref_name));
}

bool image_has_tag(const struct json *descriptor, const char *tag)
{
	const char *found = tag_of(descriptor);

	return found != NULL && strcmp(found, tag) == 0;
}

void image_index_write(const struct json *index, const struct image_descriptor *manifest,
		       const char *tag, struct text *text)
{
	static const char *const own[] = { "manifests", NULL };
	struct json_writer *json = begin(index, IMAGE_INDEX_TYPE, own);
	const struct json *manifests = json_find(index, "manifests");

	json_open_array(json, "manifests");
	if (manifests != NULL) {
		json_foreach (item, manifests) {
			if (!image_has_tag(item, tag))
				json_put_tree(json, NULL, item);
		}
	}
	json_open_object(json, NULL);
	put_members(json, IMAGE_MANIFEST_TYPE, manifest);
	json_open_object(json, "annotations");
	json_put_text(json, ref_name, tag);
	json_close_object(json);
	json_close_object(json);
	json_close_array(json);
	finish(json, text);
}

/* "a, b and c" of what there is to choose from. */
static void put_tags(const struct json *manifests, struct text *text)
{
	json_foreach (item, manifests) {
		const char *tag = tag_of(item);

		if (tag != NULL)
			text_format(text, "%s%s", text->length > 0 ? ", " : "", tag);
	}
}

const struct json *image_index_find(const struct json *index, const char *tag,
				    const struct image_platform *platform,
				    struct error *err)
{
	const struct json *manifests = json_find(index, "manifests"), *found = NULL;
	auto_text struct text tags = { 0 };
	size_t count = 0, platforms = 0;

	if (manifests == NULL || manifests->type != JSON_ARRAY) {
		(void)error_set(err, 0, "its index has no list of manifests");
		return NULL;
	}
	json_foreach (item, manifests) {
		if (tag != NULL && !image_has_tag(item, tag))
			continue;
		found = item;
		count++;
		platforms += json_find(item, "platform") != NULL;
	}
	if (count > 0 && count == platforms)
		return image_platform_choose(platform, manifests, tag, err);
	if (count == 1)
		return found;
	put_tags(manifests, &tags);
	if (tag != NULL && count == 0)
		(void)error_set(err, 0, "it has no tag '%s'", tag);
	else if (count == 0)
		(void)error_set(err, 0, "it has no image");
	else
		(void)error_set(err, 0, "it has %zu images%s%s", count,
				tag == NULL ? "" : " of tag ", tag == NULL ? "" : tag);
	if (tags.length > 0)
		(void)error_hint(err, "its tags: %s", tags.data);
	return NULL;
}

int image_digest_read(const struct json *json, char hex[DIGEST_HEX_SIZE],
		      struct error *err)
{
	const char *digest = json_string(json);
	const size_t prefix = strlen(digest_prefix);
	auto_text struct text shown = { 0 };

	if (digest == NULL || strncmp(digest, digest_prefix, prefix) != 0 ||
	    strlen(digest) != prefix + DIGEST_HEX_SIZE - 1 ||
	    strspn(digest + prefix, "0123456789abcdef") != DIGEST_HEX_SIZE - 1) {
		text_put_printable(&shown, digest == NULL ? "" : digest);
		return error_set(err, 0, "'%s' is not a digest of SHA-256",
				 shown.data == NULL ? "" : shown.data);
	}
	memcpy(hex, digest + prefix, DIGEST_HEX_SIZE);
	return 0;
}

int image_descriptor_read(const struct json *json, struct image_descriptor *descriptor,
			  struct error *err)
{
	const struct json *size = json_find(json, "size");

	if (image_digest_read(json_find(json, "digest"), descriptor->hex, err) < 0)
		return -1;
	if (size == NULL || size->type != JSON_NUMBER ||
	    !parse_uint(size->text, INT64_MAX, &descriptor->size))
		return error_set(err, 0, "the size of 'sha256:%s' is no number",
				 descriptor->hex);
	return 0;
}

int image_layout_check(const struct json *json, struct error *err)
{
	const char *version = json_string(json_find(json, "imageLayoutVersion"));

	if (version == NULL)
		return error_set(err, 0, "its oci-layout has no version");
	if (strncmp(version, "1.", 2) != 0)
		return error_set(err, 0, "its version '%s' of the layout is not 1",
				 version);
	return 0;
}

void image_layout_write(struct text *text)
{
	struct json_writer *json = json_writer_new(NULL);

	json_open_object(json, NULL);
	json_put_text(json, "imageLayoutVersion", "1.0.0");
	finish(json, text);
}
