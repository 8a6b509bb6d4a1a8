/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "base/tree.h"
#include "image/digest.h"
#include "image/image.h"
#include "image/image_runtime.h"
#include "image/image_user.h"
#include "image/target.h"
#include "oci/bundle.h"
#include "oci/json.h"
#include "oci/json_write.h"

/* The documents of a layout, and the accounts in its layers: index, manifest,
 * configuration, passwd and group, each ended by a line of its own with a "%". Digest and
 * size of the manifest and of the configuration are put right, so that they are reached;
 * a layer is there that has no bytes. What comes out as a container's configuration is
 * read again. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INDEX, MANIFEST, CONFIG, PASSWD, GROUP, PARTS_COUNT };

static const char empty_hex[] =
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

static void write_file(int directory, const char *name, const char *bytes, size_t size)
{
	auto_close int fd = openat(directory, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert(fd >= 0 && file_write_full(fd, bytes, size) == 0);
}

static void write_blob(int blobs, const struct text *text, char hex[DIGEST_HEX_SIZE])
{
	auto_digest struct digest digest = { 0 };
	struct error err;

	assert(digest_start(&digest, &err) == 0 &&
	       digest_add(&digest, text->data, text->length, &err) == 0 &&
	       digest_finish(&digest, hex, &err) == 0);
	write_file(blobs, hex, text->data, text->length);
}

static void set(struct arena *arena, struct json *parent, enum json_type type,
		const char *key, const char *text)
{
	struct json *member = json_find(parent, key);

	if (member == NULL)
		member = json_add(arena, parent, type, key, text);
	member->type = type;
	member->text = text;
	member->child = NULL;
	member->count = 0;
}

/* The descriptor, if it is an object, leads to the text, which becomes a blob. */
static void lead_to(struct arena *arena, struct json *descriptor, int blobs,
		    const struct text *text)
{
	char hex[DIGEST_HEX_SIZE];

	write_blob(blobs, text, hex);
	if (descriptor == NULL || descriptor->type != JSON_OBJECT)
		return;
	set(arena, descriptor, JSON_STRING, "digest",
	    arena_format(arena, "sha256:%s", hex));
	set(arena, descriptor, JSON_NUMBER, "size",
	    arena_format(arena, "%zu", text->length));
}

/* As it was, where it is no JSON. */
static struct json *parse(struct arena *arena, const struct text *text)
{
	struct error ignored;

	return json_parse(arena, text->data, text->length, &ignored);
}

static void write_again(const struct json *json, struct text *text)
{
	struct json_writer *writer;

	if (json == NULL)
		return;
	text->length = 0;
	writer = json_writer_new(NULL);
	json_put_tree(writer, NULL, json);
	json_writer_finish(writer, text);
}

static void write_layout(int place, struct text *parts)
{
	auto_arena struct arena arena = { 0 };
	struct json *manifest = parse(&arena, &parts[MANIFEST]);
	struct json *index = parse(&arena, &parts[INDEX]);
	struct json *manifests = json_find(index, "manifests");
	auto_close int blobs = -1;

	assert(mkdirat(place, "blobs", 0700) == 0 &&
	       mkdirat(place, "blobs/sha256", 0700) == 0);
	blobs = openat(place, "blobs/sha256", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	write_file(blobs, empty_hex, "", 0);
	lead_to(&arena, json_find(manifest, "config"), blobs, &parts[CONFIG]);
	write_again(manifest, &parts[MANIFEST]);
	lead_to(&arena,
		manifests != NULL && manifests->type == JSON_ARRAY ? manifests->child
								   : NULL,
		blobs, &parts[MANIFEST]);
	write_again(index, &parts[INDEX]);
	write_file(place, "index.json", parts[INDEX].data, parts[INDEX].length);
	write_file(place, "oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}", 30);
}

/* What was written is a configuration, or it is said why not. */
static void check_config(const struct text *config)
{
	auto_bundle struct bundle bundle = { .dirfd = -1, .file_name = "config.json" };
	struct error err = { 0 };

	text_add(&bundle.text, config->data, config->length);
	if (bundle_parse(&bundle, NULL, &err) < 0)
		assert(err.text[0] != '\0');
	else
		assert(bundle.config.root->overlay->upper == NULL);
}

static void convert(const struct json *config, const struct text *parts)
{
	static char layer[] = "/layer";
	char *const lowers[] = { layer, NULL };
	auto_arena struct arena arena = { 0 };
	auto_text struct text text = { 0 }, refused = { 0 };
	struct image_process process;
	struct image_user user = { 0 };
	const struct image_runtime runtime = { config, &process, &user, lowers };
	struct error err;

	if (image_process_read(&process, config, &err) < 0 ||
	    image_user_find(&user, process.user, parts[PASSWD].data, parts[GROUP].data,
			    &arena, &err) < 0)
		return;
	assert(user.uid >= 0 && user.uid < UINT32_MAX && user.gid >= 0 &&
	       user.gid < UINT32_MAX);
	if (image_runtime_write(&runtime, &text, &refused, &err) == 0)
		check_config(&text);
}

static void open_image(const char *path, const struct text *parts)
{
	const struct target target = { .kind = TARGET_LAYOUT,
				       .text = path,
				       .path = path };
	auto_image struct image image = IMAGE_NONE;
	struct error err = { 0 };

	if (image_open(&image, &target, NULL, 0, &err) < 0) {
		assert(err.text[0] != '\0');
		return;
	}
	(void)image_check_layers(&image, &err);
	for (size_t i = 0; i < image.layers_count; i++)
		assert(strlen(image.layers[i].chain_id) == 64);
	convert(image.config, parts);
}

static void split(const char *bytes, size_t size, struct text *parts)
{
	const char *const end = bytes + size;

	for (size_t i = 0; i < PARTS_COUNT; i++) {
		const char *stop = memmem(bytes, (size_t)(end - bytes), "\n%\n", 3);

		if (stop == NULL)
			stop = end;
		text_put(&parts[i], "");
		text_add(&parts[i], bytes, (size_t)(stop - bytes));
		bytes = end - stop < 3 ? end : stop + 3;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[] = "/tmp/fuzz_image.XXXXXX";
	struct text parts[PARTS_COUNT] = { 0 };
	auto_close int parent = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_close int place = -1;
	struct error err;

	split((const char *)data, size, parts);
	assert(mkdtemp(path) != NULL);
	place = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert(place >= 0);
	write_layout(place, parts);
	open_image(path, parts);
	assert(tree_remove(parent, path + strlen("/tmp/"), &err) == 0);
	for (size_t i = 0; i < PARTS_COUNT; i++)
		text_release(&parts[i]);
	return 0;
}
