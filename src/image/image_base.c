/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "image/digest.h"
#include "image/image_base.h"
#include "image/target.h"
#include "oci/json.h"

static struct json *parse(const struct text *text, const char *name, struct arena *arena,
			  struct error *err)
{
	struct json *json = json_parse(arena, text->data == NULL ? "" : text->data,
				       text->length, err);

	if (json != NULL && json->type == JSON_OBJECT)
		return json;
	if (json == NULL)
		(void)error_prefix(err, "%s", name);
	else
		(void)error_set(err, 0, "%s: not a JSON object", name);
	return NULL;
}

struct json *image_base_read_json(int dirfd, const char *name, struct arena *arena,
				  struct error *err)
{
	auto_text struct text text = { 0 };

	return file_read(dirfd, name, IMAGE_DOCUMENT_MAX, &text, err) < 0
		       ? NULL
		       : parse(&text, name, arena, err);
}

static int check_digest(const struct text *text, const char *hex, struct error *err)
{
	auto_digest struct digest digest = { 0 };
	char found[DIGEST_HEX_SIZE];

	if (digest_start(&digest, err) < 0 ||
	    digest_add(&digest, text->data == NULL ? "" : text->data, text->length, err) <
		    0 ||
	    digest_finish(&digest, found, err) < 0)
		return -1;
	return strcmp(found, hex) == 0
		       ? 0
		       : error_set(err, 0, "the content of sha256:%s is another one",
				   hex);
}

static int check_type(const struct json *descriptor, const char *type, struct error *err)
{
	const char *found = json_string(json_find(descriptor, "mediaType"));

	if (found != NULL && strcmp(found, type) == 0)
		return 0;
	return error_set(err, 0, "it has '%s' where minirun knows '%s' alone",
			 found == NULL ? "" : found, type);
}

/* What a descriptor of that type leads to. */
static const struct json *follow(struct image_base *base, const struct json *descriptor,
				 const char *type, struct error *err)
{
	struct image_descriptor blob;
	auto_text struct text text = { 0 };

	if (check_type(descriptor, type, err) < 0 ||
	    image_descriptor_read(descriptor, &blob, err) < 0 ||
	    file_read(base->blobs, blob.hex, IMAGE_DOCUMENT_MAX, &text, err) < 0 ||
	    check_digest(&text, blob.hex, err) < 0)
		return NULL;
	return parse(&text, blob.hex, &base->arena, err);
}

static size_t count_of(const struct json *list)
{
	return list != NULL && list->type == JSON_ARRAY ? list->count : 0;
}

int image_base_open_layer(const struct image_base *base, size_t index, struct error *err)
{
	const struct image_descriptor *layer = &base->layers[index];
	auto_close int fd = openat(base->blobs, layer->hex,
				   O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat status;

	if (fd < 0 || fstat(fd, &status) < 0)
		return error_set(err, errno, "cannot open its layer sha256:%s",
				 layer->hex);
	if (!S_ISREG(status.st_mode) || (uint64_t)status.st_size != layer->size)
		return error_set(err, 0, "its layer sha256:%s has another size",
				 layer->hex);
	return take_fd(&fd);
}

static int read_layers(struct image_base *base, struct error *err)
{
	const struct json *layers = json_find(base->manifest, "layers");
	const size_t count = count_of(layers);
	const struct json *ids = json_find(json_find(base->config, "rootfs"), "diff_ids");

	if (count_of(ids) != count)
		return error_set(err, 0, "it has %zu layers, and diff_ids of %zu", count,
				 count_of(ids));
	base->layers = arena_alloc(&base->arena, count + 1, sizeof(*base->layers));
	if (count == 0)
		return 0;
	json_foreach (layer, layers) {
		const size_t index = base->layers_count;
		auto_close int fd = -1;

		if (image_descriptor_read(layer, &base->layers[index], err) < 0)
			return -1;
		fd = image_base_open_layer(base, index, err);
		if (fd < 0)
			return -1;
		base->layers_count++;
	}
	return 0;
}

static int read_documents(struct image_base *base, int directory, const char *tag,
			  struct error *err)
{
	struct json *layout, *index;
	const struct json *descriptor;

	layout = image_base_read_json(directory, "oci-layout", &base->arena, err);
	if (layout == NULL || image_layout_check(layout, err) < 0)
		return -1;
	index = image_base_read_json(directory, "index.json", &base->arena, err);
	descriptor = index == NULL ? NULL : image_index_find(index, tag, err);
	if (descriptor == NULL)
		return -1;
	base->manifest = follow(base, descriptor, IMAGE_MANIFEST_TYPE, err);
	if (base->manifest == NULL)
		return -1;
	base->config =
		follow(base, json_find(base->manifest, "config"), IMAGE_CONFIG_TYPE, err);
	return base->config == NULL ? -1 : read_layers(base, err);
}

int image_base_open(struct image_base *base, const struct target *target,
		    struct error *err)
{
	auto_close int directory = open(target->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (directory < 0)
		return error_set(err, errno, "cannot open '%s'", target->path);
	base->blobs = openat(directory, "blobs/sha256",
			     O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (base->blobs < 0)
		return error_set(err, errno,
				 "'%s' is not an image layout: cannot open "
				 "'blobs/sha256'",
				 target->path);
	return read_documents(base, directory, target->tag, err) < 0
		       ? error_prefix(err, "'%s'", target->text)
		       : 0;
}

void image_base_release(struct image_base *base)
{
	if (base->blobs >= 0)
		(void)close(base->blobs);
	arena_release(&base->arena);
}
