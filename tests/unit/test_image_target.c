/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/error.h"
#include "image/target.h"

#include "check.h"

static struct error err;

static void what_they_are(void)
{
	static const struct {
		const char *text;
		enum target_kind kind;
		const char *path, *tag;
	} cases[] = {
		{ "-", TARGET_TAR, "-", NULL },
		{ "image.tar", TARGET_TAR, "image.tar", NULL },
		{ "./oci:x", TARGET_TAR, "./oci:x", NULL },
		{ "", TARGET_TAR, "", NULL },
		{ "oci:dir", TARGET_LAYOUT, "dir", NULL },
		{ "oci:/a/b:tag", TARGET_LAYOUT, "/a/b", "tag" },
		{ "oci:d:host.example:5000/a/b--c:1.0", TARGET_LAYOUT, "d",
		  "host.example:5000/a/b--c:1.0" },
		{ "oci-archive:x.tar:t", TARGET_ARCHIVE, "x.tar", "t" },
		{ "oci-archive:x.tar", TARGET_ARCHIVE, "x.tar", NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		auto_arena struct arena arena = { 0 };
		struct target target;

		CHECK(target_parse(&target, cases[i].text, &arena, &err) == 0);
		CHECK(target.kind == cases[i].kind);
		CHECK_TEXT(target.path, cases[i].path);
		if (cases[i].tag == NULL)
			CHECK(target.tag == NULL);
		else
			CHECK_TEXT(target.tag, cases[i].tag);
	}
}

static void what_none_is(void)
{
	static const char *const cases[] = {
		"oci:",         "oci::t",          "oci:d:",      "oci:d:-a",
		"oci:d:a-",     "oci:d:a..b",      "oci:d:a---b", "oci:d:a b",
		"oci:d:a//b",   "oci:d:\xc3\xa9",  "oci:-",       "oci:d:a\n",
		"oci-archive:", "oci-archive:-:t",
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		auto_arena struct arena arena = { 0 };
		struct target target;

		CHECK(target_parse(&target, cases[i], &arena, &err) < 0);
	}
}

int main(void)
{
	RUN(what_they_are);
	RUN(what_none_is);
	return check_done();
}
