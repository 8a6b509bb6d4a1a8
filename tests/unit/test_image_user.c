/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/text.h"
#include "image/image_user.h"

#include "check.h"

static struct error err;

static const char passwd[] = "\n"
			     "short:x:1\n"
			     "root:x:0:0:root:/root:/bin/sh\n"
			     "me:x:70:71:Me:/rooms/me\n"
			     "bad:x:4294967295:1::/:\n"
			     "worse:x:1:x::relative:\n"
			     "twice:x:80:80::/one:\n"
			     "twice:x:81:81::/two:\n"
			     "last:x:90:91::/last";
static const char group[] = "root:x:0:\n"
			    "mine:x:71:me\n"
			    "more:x:72:you,me,they\n"
			    "again:x:72:me\n"
			    "bad:x:-1:me\n"
			    "none:x:73:men\n"
			    "end:x:74:me";

static void who_they_are(void)
{
	static const struct {
		const char *user;
		int64_t uid, gid;
		size_t groups;
		const char *home;
	} cases[] = {
		{ NULL, 0, 0, 0, "/root" },
		{ "", 0, 0, 0, "/root" },
		{ "root", 0, 0, 0, "/root" },
		{ "0", 0, 0, 0, "/root" },
		{ "me", 70, 71, 2, "/rooms/me" },
		{ "me:", 70, 71, 2, "/rooms/me" },
		{ "70", 70, 71, 0, "/rooms/me" },
		{ "me:mine", 70, 71, 0, "/rooms/me" },
		{ "me:5", 70, 5, 0, "/rooms/me" },
		{ "5:more", 5, 72, 0, NULL },
		{ "4294967294:4294967294", 4294967294, 4294967294, 0, NULL },
		{ "twice", 80, 80, 0, "/one" },
		{ "worse", 1, 0, 0, NULL },
		{ "last", 90, 91, 0, "/last" },
		{ ":more", 0, 72, 0, "/root" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		auto_arena struct arena arena = { 0 };
		struct image_user user = { 0 };

		CHECK(image_user_find(&user, cases[i].user, passwd, group, &arena,
				      &err) == 0);
		CHECK(user.uid == cases[i].uid && user.gid == cases[i].gid);
		CHECK(user.groups_count == cases[i].groups);
		if (cases[i].home == NULL)
			CHECK(user.home == NULL);
		else
			CHECK_TEXT(user.home, cases[i].home);
	}
}

static void who_is_nobody(void)
{
	static const char *const cases[] = { "you",   "bad",        "short", "Me",
					     " me",   "4294967295", "-1",    "+1",
					     "1x",    "me:you",     "1:-1",  "1:1:1",
					     "1:bad", "x:1" };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		auto_arena struct arena arena = { 0 };
		struct image_user user = { 0 };

		CHECK(image_user_find(&user, cases[i], passwd, group, &arena, &err) < 0);
	}
}

static void of_too_many_groups(void)
{
	auto_arena struct arena arena = { 0 };
	auto_text struct text groups = { 0 };
	struct image_user user = { 0 };

	for (int i = 0; i < 1024; i++)
		text_format(&groups, "g:x:%d:me\n", 1000 + i);
	CHECK(image_user_find(&user, "me", passwd, groups.data, &arena, &err) == 0);
	CHECK(user.groups_count == 1024);
	text_put(&groups, "g:x:1:me\n");
	user = (struct image_user){ 0 };
	CHECK(image_user_find(&user, "me", passwd, groups.data, &arena, &err) < 0);
}

int main(void)
{
	RUN(who_they_are);
	RUN(who_is_nobody);
	RUN(of_too_many_groups);
	return check_done();
}
