/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/path.h"
#include "check.h"

static void cleans(void)
{
	static const char *const cases[][2] = {
		{ "", "/" },           { "/", "/" },           { "a", "/a" },
		{ "a/../b//", "/b" },  { "/../../a", "/a" },   { "/a/./b/.", "/a/b" },
		{ "/a/b/../..", "/" }, { "..", "/" },          { "/a/...", "/a/..." },
		{ "//a///b", "/a/b" }, { "/a/..b", "/a/..b" },
	};
	auto_arena struct arena arena = { 0 };

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		CHECK_TEXT(path_clean(&arena, cases[i][0]), cases[i][1]);
}

static void joins(void)
{
	auto_arena struct arena arena = { 0 };

	CHECK_TEXT(path_join(&arena, "/bundle", "rootfs"), "/bundle/rootfs");
	CHECK_TEXT(path_join(&arena, "/bundle", "/rootfs"), "/rootfs");
}

static void knows_what_is_under(void)
{
	CHECK(path_is_under("/a/b", "/a"));
	CHECK(path_is_under("/a", "/a"));
	CHECK(path_is_under("/a", "/"));
	CHECK(path_is_under("/", "/"));
	CHECK(!path_is_under("/ab", "/a"));
	CHECK(!path_is_under("/", "/a"));
	CHECK(!path_is_under("/b/a", "/a"));
}

int main(void)
{
	RUN(cleans);
	RUN(joins);
	RUN(knows_what_is_under);
	return check_done();
}
