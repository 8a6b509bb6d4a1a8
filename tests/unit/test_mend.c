/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "base/arena.h"
#include "base/text.h"
#include "check.h"
#include "oci/json.h"
#include "oci/json_write.h"
#include "oci/mend.h"

static struct arena arena;

static struct mend mend_of(const char *text)
{
	struct error err = { 0 };
	struct json *root = json_parse(&arena, text, strlen(text), &err);

	CHECK_TEXT(err.text, "");
	return (struct mend){ .root = root, .arena = &arena };
}

static void check_tree(const struct mend *mend, const char *want)
{
	struct json_writer *json = json_writer_new(NULL);
	auto_text struct text text = { 0 };

	json_put_tree(json, NULL, mend->root);
	json_writer_finish(json, &text);
	text.data[text.length - 1] = '\0';
	CHECK_TEXT(text.data, want);
}

static const char process[] =
	"{\"process\":{\"cwd\":1,\"env\":[\"a\",\"b\",\"c\"],\"cwd\":2,"
	"\"rlimits\":[{\"type\":\"x\"},{\"soft\":1}]}}";

static void what_may_be_absent_goes(void)
{
	struct mend mend = mend_of(process);

	CHECK(mend_apply(&mend, "process.rlimits"));
	check_tree(&mend,
		   "{\"process\":{\"cwd\":1,\"env\":[\"a\",\"b\",\"c\"],\"cwd\":2}}");
	CHECK(mend_apply(&mend, "process.env[1]"));
	check_tree(&mend, "{\"process\":{\"cwd\":1,\"env\":[\"a\",\"c\"],\"cwd\":2}}");
}

static void for_what_must_be_there_something_stands_in(void)
{
	struct mend mend = mend_of(process);

	CHECK(mend_apply(&mend, "process.cwd"));
	CHECK(mend_apply(&mend, "process.rlimits[1].type"));
	CHECK(mend_apply(&mend, "process.rlimits[1].hard"));
	CHECK(mend_apply(&mend, "ociVersion"));
	CHECK(mend_apply(&mend, "linux"));
	check_tree(&mend, "{\"process\":{\"env\":[\"a\",\"b\",\"c\"],\"cwd\":\"/\","
			  "\"rlimits\":[{\"type\":\"x\"},"
			  "{\"soft\":1,\"type\":\"/\",\"hard\":0}]},"
			  "\"ociVersion\":\"1.0.0\","
			  "\"linux\":{\"namespaces\":[{\"type\":\"mount\"}]}}");
}

static void the_second_time_what_is_around_it_goes(void)
{
	struct mend mend = mend_of(process);

	CHECK(mend_apply(&mend, "process.rlimits[1].type"));
	CHECK(mend_apply(&mend, "process.rlimits[1].type"));
	CHECK(mend_apply(&mend, "process.cwd"));
	check_tree(&mend, "{\"process\":{\"env\":[\"a\",\"b\",\"c\"],\"cwd\":\"/\","
			  "\"rlimits\":[{\"type\":\"x\"}]}}");
	CHECK(!mend_apply(&mend, "process.cwd"));
	CHECK(!mend_apply(&mend, ""));
}

static void a_list_gets_what_it_lacks(void)
{
	struct mend mend = mend_of("{\"linux\":{\"namespaces\":[{\"type\":\"pid\"}]}}");

	CHECK(mend_apply(&mend, "linux.namespaces"));
	check_tree(&mend, "{\"linux\":{\"namespaces\":[{\"type\":\"pid\"},"
			  "{\"type\":\"mount\"}]}}");
	CHECK(mend_has_touched(&mend, "linux.namespaces"));
	CHECK(!mend_has_touched(&mend, "linux.namespaces[0].type"));
}

static void places_are_those_of_the_whole(void)
{
	struct mend mend = mend_of(process);
	char place[ERROR_WHERE_MAX];

	CHECK(mend_apply(&mend, "process.env[0]"));
	CHECK(mend_apply(&mend, "process.env[1]"));
	CHECK_TEXT(mend_place(&mend, "process.env[0]", place)->text, "b");
	CHECK_TEXT(place, "process.env[1]");
	CHECK(mend_apply(&mend, "process.rlimits[0]"));
	(void)mend_place(&mend, "process.rlimits[0].soft", place);
	CHECK_TEXT(place, "process.rlimits[1].soft");
	(void)mend_place(&mend, "process.rlimits[0].type", place);
	CHECK_TEXT(place, "process.rlimits[1].type");
	CHECK(mend_place(&mend, "", place) == mend.root);
	CHECK_TEXT(place, "");
}

static void it_is_known_what_was_touched(void)
{
	struct mend mend = mend_of(process);

	CHECK(mend_apply(&mend, "process.rlimits[1].type"));
	CHECK(mend_has_touched(&mend, "process.rlimits[1].type"));
	CHECK(!mend_has_touched(&mend, "process.rlimits[1].soft"));
	CHECK(!mend_has_touched(&mend, "process.rlimits[1]"));
	CHECK(mend_has_touched(&mend, "process.rlimits"));
	CHECK(!mend_has_touched(&mend, "process"));
	CHECK(mend_apply(&mend, "process.env"));
	CHECK(mend_has_touched(&mend, "process.env[7]"));
}

static void all_of_it_can_be_put_back(void)
{
	static const char *const places[] = { "process.cwd",
					      "process.rlimits[0].soft",
					      "process.rlimits[1].type",
					      "process.rlimits[1].type",
					      "process.env[1]",
					      "process.env[0]",
					      "process.env",
					      "linux",
					      "process.args",
					      "process" };
	struct mend mend = mend_of(process);
	const struct mend_edit *first;

	CHECK(mend_apply(&mend, "root"));
	first = mend.edits;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		CHECK(mend_apply(&mend, places[i]));
	mend_undo(&mend, first);
	CHECK(mend.root->count == 2);
	CHECK(mend_has_touched(&mend, "root"));
	mend_undo(&mend, NULL);
	CHECK(mend.edits == NULL && mend.root->count == 1);
	CHECK(mend.root->child->count == 4);
	check_tree(&mend, process);
}

int main(void)
{
	RUN(what_may_be_absent_goes);
	RUN(for_what_must_be_there_something_stands_in);
	RUN(the_second_time_what_is_around_it_goes);
	RUN(a_list_gets_what_it_lacks);
	RUN(places_are_those_of_the_whole);
	RUN(it_is_known_what_was_touched);
	RUN(all_of_it_can_be_put_back);
	arena_release(&arena);
	return check_done();
}
