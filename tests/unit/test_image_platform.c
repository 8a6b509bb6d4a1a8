/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/text.h"
#include "image/image_platform.h"
#include "oci/json.h"

#include "check.h"

static struct error err;

static unsigned rank(const char *machine, const char *architecture, const char *variant)
{
	auto_arena struct arena arena = { 0 };
	auto_text struct text text = { 0 };
	struct image_platform platform;

	text_format(&text, "{\"os\":\"linux\",\"architecture\":\"%s\"", architecture);
	if (variant != NULL)
		text_format(&text, ",\"variant\":\"%s\"", variant);
	text_put(&text, "}");
	image_platform_find(&platform, machine);
	return image_platform_rank(&platform,
				   json_parse(&arena, text.data, text.length, &err));
}

static void what_a_machine_runs(void)
{
	CHECK(rank("x86_64", "amd64", NULL) == 1);
	CHECK(rank("x86_64", "amd64", "v1") == 2);
	CHECK(rank("x86_64", "amd64", "v2") == 0);
	CHECK(rank("x86_64", "arm64", NULL) == 0);
	CHECK(rank("aarch64", "arm64", "v8") > rank("aarch64", "arm64", NULL));
	CHECK(rank("armv7l", "arm", "v7") > rank("armv7l", "arm", "v6"));
	CHECK(rank("armv6l", "arm", "v7") == 0);
	CHECK(rank("riscv64", "riscv64", NULL) == 1);
	CHECK(rank("riscv64", "riscv64", "x") == 0);
	CHECK(rank("x86_64", "amd64", "v-1") == 0);
}

static void which_is_taken(void)
{
	static const char text[] =
		"[{\"digest\":\"a\",\"platform\":{\"os\":\"linux\",\"architecture\":"
		"\"arm\",\"variant\":\"v6\"}},7,{\"digest\":\"b\",\"platform\":{\"os\":"
		"\"linux\",\"architecture\":\"arm\",\"variant\":\"v7\"}},{\"digest\":"
		"\"c\",\"platform\":{\"os\":\"darwin\",\"architecture\":\"arm\"}}]";
	auto_arena struct arena arena = { 0 };
	const struct json *list = json_parse(&arena, text, sizeof(text) - 1, &err);
	struct image_platform platform;

	image_platform_find(&platform, "armv7l");
	CHECK_TEXT(json_string(json_find(
			   image_platform_choose(&platform, list, NULL, &err), "digest")),
		   "b");
	image_platform_find(&platform, "armv6l");
	CHECK_TEXT(json_string(json_find(
			   image_platform_choose(&platform, list, NULL, &err), "digest")),
		   "a");
	image_platform_find(&platform, "x86_64");
	CHECK(image_platform_choose(&platform, list, NULL, &err) == NULL);
	CHECK_TEXT(err.text, "it has no image for linux/amd64 (it has linux/arm/v6, /, "
			     "linux/arm/v7, darwin/arm)");
	CHECK(image_platform_choose(&platform, list, "tag", &err) == NULL);
}

int main(void)
{
	RUN(what_a_machine_runs);
	RUN(which_is_taken);
	return check_done();
}
