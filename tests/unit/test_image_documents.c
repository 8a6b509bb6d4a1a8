/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "image/image_config.h"
#include "image/image_documents.h"
#include "image/image_platform.h"
#include "oci/config.h"
#include "oci/json.h"
#include "oci/json_write.h"

#include "check.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static struct error err;
static const struct image_descriptor a = { A, 1 }, b = { B, 2 };

static struct json *parse(struct arena *arena, const char *text)
{
	return json_parse(arena, text, strlen(text), &err);
}

static void manifests(void)
{
	static const char alone[] =
		"{\"schemaVersion\":2,\"mediaType\":\"" IMAGE_MANIFEST_TYPE
		"\",\"config\":{\"mediaType\":\"" IMAGE_CONFIG_TYPE
		"\",\"digest\":\"sha256:" A "\",\"size\":1},\"layers\":[{\"mediaType\":"
		"\"" IMAGE_LAYER_TYPE "+gzip\",\"digest\":\"sha256:" B
		"\",\"size\":2}]}\n";
	static const char above[] =
		"{\"schemaVersion\":2,\"mediaType\":\"" IMAGE_MANIFEST_TYPE
		"\",\"annotations\":{\"x\":\"y\"},\"config\":{\"mediaType\":"
		"\"" IMAGE_CONFIG_TYPE "\",\"digest\":\"sha256:" A
		"\",\"size\":1},\"layers\":[{\"size\":18446744073709551615},"
		"{\"mediaType\":\"" IMAGE_LAYER_TYPE "\",\"digest\":\"sha256:" B
		"\",\"size\":2}]}\n";
	auto_arena struct arena arena = { 0 };
	auto_text struct text text = { 0 }, more = { 0 };

	image_manifest_write(NULL, &a, &b, "+gzip", &text);
	CHECK_TEXT(text.data, alone);
	image_manifest_write(
		parse(&arena,
		      "{\"layers\":[{\"size\":18446744073709551615}],\"config\":"
		      "{},\"mediaType\":\"other\",\"annotations\":{\"x\":\"y\"}}"),
		&a, &b, "", &more);
	CHECK_TEXT(more.data, above);
}

static void an_index_keeps_what_is_not_of_the_tag(void)
{
	const struct image_platform platform = { "amd64", 1 };
	static const char ours[] =
		"{\"mediaType\":\"" IMAGE_MANIFEST_TYPE "\",\"digest\":\"sha256:" A
		"\",\"size\":1,\"annotations\":{\"org.opencontainers.image.ref.name\":"
		"\"t\"}}]}\n";
	auto_arena struct arena arena = { 0 };
	auto_text struct text text = { 0 }, again = { 0 };
	const struct json *index;

	image_index_write(parse(&arena,
				"{\"x\":1,\"manifests\":[{\"annotations\":{\"org."
				"opencontainers.image.ref.name\":\"t\"}},7,{\"digest\":"
				"\"d\"}]}"),
			  &a, "t", &text);
	CHECK(strstr(text.data, "\"x\":1,\"manifests\":[7,{\"digest\":\"d\"},{") != NULL);
	CHECK_TEXT(text.data + text.length - strlen(ours), ours);
	image_index_write(parse(&arena, text.data), &b, "u", &again);
	index = parse(&arena, again.data);
	CHECK_TEXT(json_string(json_find(image_index_find(index, "t", &platform, &err),
					 "digest")),
		   "sha256:" A);
	CHECK_TEXT(json_string(json_find(image_index_find(index, "u", &platform, &err),
					 "digest")),
		   "sha256:" B);
	CHECK(image_index_find(index, NULL, &platform, &err) == NULL);
	CHECK_TEXT(err.text, "it has 4 images (its tags: t, u)");
	CHECK(image_index_find(parse(&arena, "{}"), "t", &platform, &err) == NULL);
	CHECK(image_index_find(parse(&arena, "{\"manifests\":[]}"), NULL, &platform,
			       &err) == NULL);
	CHECK_TEXT(err.text, "it has no image");
}

static void a_digest_is_the_name_of_a_file(void)
{
	static const char *const bad[] = {
		"{}",
		"{\"digest\":\"sha256:" A "\"}",
		"{\"digest\":\"sha256:" A "\",\"size\":\"1\"}",
		"{\"digest\":\"sha256:" A "\",\"size\":-1}",
		"{\"digest\":\"sha256:" A "\",\"size\":9223372036854775808}",
		"{\"digest\":\"sha256:" A "a\",\"size\":1}",
		"{\"digest\":\"sha256:../../../../../../../../../../../../../../../../"
		"etc/passwd/.\",\"size\":1}",
		"{\"digest\":\"sha512:" A "\",\"size\":1}",
	};
	auto_arena struct arena arena = { 0 };
	struct image_descriptor found;

	CHECK(image_descriptor_read(
		      parse(&arena, "{\"digest\":\"sha256:" A "\",\"size\":7}"), &found,
		      &err) == 0);
	CHECK_TEXT(found.hex, A);
	CHECK(found.size == 7);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(image_descriptor_read(parse(&arena, bad[i]), &found, &err) < 0);
}

static void write_config(struct arena *arena, const char *base,
			 const struct image_details *details, struct text *text)
{
	struct image_config image = { .details = details,
				      .created = "now",
				      .architecture = "amd64",
				      .diff_id = "sha256:" B };

	image.base = base == NULL ? NULL : parse(arena, base);
	image.config = image_config_make(image.base, NULL, details, arena, &err);
	image_config_write(&image, text);
}

static void configurations(void)
{
	static const struct image_details none = { 0 };
	static const struct image_details some = {
		.author = "me",
		.message = "text",
		.changes = { "Env=A=2", "Env=B=1", "Cmd=", "Labels=x=y" },
		.changes_count = 4,
	};
	auto_arena struct arena arena = { 0 };
	auto_text struct text alone = { 0 }, above = { 0 };

	write_config(&arena, NULL, &none, &alone);
	CHECK_TEXT(alone.data,
		   "{\"created\":\"now\",\"architecture\":\"amd64\",\"os\":\"linux\","
		   "\"config\":{},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":["
		   "\"sha256:" B "\"]},\"history\":[{\"created\":\"now\",\"created_by\":"
		   "\"minirun commit\"}]}\n");
	/* A base without a history: one says nothing for each of its layers. */
	write_config(
		&arena,
		"{\"os\":\"linux\",\"created\":\"then\",\"variant\":\"v8\","
		"\"config\":{\"Env\":[\"A=1\",\"AB=1\"],\"Cmd\":[\"x\"],\"Labels\":null,"
		"\"Other\":1.50},\"rootfs\":{\"diff_ids\":[\"one\",\"two\"]}}",
		&some, &above);
	CHECK_TEXT(above.data,
		   "{\"created\":\"now\",\"author\":\"me\",\"os\":\"linux\",\"variant\":"
		   "\"v8\",\"config\":{\"Env\":[\"A=2\",\"AB=1\",\"B=1\"],\"Cmd\":[],"
		   "\"Labels\":{\"x\":\"y\"},\"Other\":1.50},\"rootfs\":{\"type\":"
		   "\"layers\",\"diff_ids\":[\"one\",\"two\",\"sha256:" B "\"]},"
		   "\"history\":[{},{},{\"created\":\"now\",\"created_by\":"
		   "\"minirun commit\",\"author\":\"me\",\"comment\":\"text\"}]}\n");
}

static void machines(void)
{
	CHECK_TEXT(image_config_architecture("x86_64"), "amd64");
	CHECK_TEXT(image_config_architecture("aarch64"), "arm64");
	CHECK_TEXT(image_config_architecture("armv7l"), "arm");
	CHECK_TEXT(image_config_architecture("s390x"), "s390x");
}

int main(void)
{
	RUN(manifests);
	RUN(an_index_keeps_what_is_not_of_the_tag);
	RUN(a_digest_is_the_name_of_a_file);
	RUN(configurations);
	RUN(machines);
	return check_done();
}
