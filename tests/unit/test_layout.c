/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/error.h"
#include "check.h"
#include "oci/json.h"
#include "oci/layout.h"

struct inner {
	int64_t number;
};

struct named {
	const char *key;
	int64_t number;
};

struct outer {
	bool flag;
	const bool *answer;
	int64_t in_place;
	const int64_t *number;
	uint64_t size;
	const uint64_t *limit;
	const char *name;
	char **words;
	const int64_t *ids;
	size_t ids_count;
	const struct inner *one;
	const struct inner *many;
	size_t many_count;
	const struct named *named;
	size_t named_count;
	const struct json *map;
};

static const struct field inner_fields[] = {
	INT(inner, number, "number", RANGE(-5, 5)),
	END,
};
LAYOUT(inner);

static const struct field named_fields[] = {
	INT(named, number, "number"),
	END,
};
LAYOUT(named);

static const struct field outer_fields[] = {
	OPT_BOOL(outer, flag, "flag"),
	OPT_BOOL(outer, answer, "answer"),
	OPT_INT(outer, in_place, "inPlace"),
	OPT_INT(outer, number, "number"),
	OPT_UINT(outer, size, "size"),
	OPT_UINT(outer, limit, "limit", RANGE(0, 100)),
	STRING(outer, name, "name"),
	OPT_STRINGS(outer, words, "words"),
	OPT_INTS(outer, ids, "ids", RANGE(0, 9)),
	OPT_OBJECT(outer, one, "one", inner),
	OPT_ARRAY(outer, many, "many", inner),
	OPT_NAMED(outer, named, "named", named),
	OPT_MAP(outer, map, "map"),
	REFUSED("refused"),
	END,
};
LAYOUT(outer);

static struct arena arena;

static int read_outer(const char *text, struct outer *outer,
		      struct layout_unknown **unknown, struct error *err)
{
	struct layout_reader reader = { &arena, unknown };
	const struct json *json = json_parse(&arena, text, strlen(text), err);

	memset(outer, 0, sizeof(*outer));
	return json == NULL ? -1 : layout_read(&outer_layout, json, &reader, outer, err);
}

static void fills_every_type(void)
{
	struct outer outer;
	struct error err;

	CHECK(read_outer(
		      "{\"flag\":true,\"answer\":false,\"inPlace\":-7,\"number\":-8,"
		      "\"size\":18446744073709551615,\"limit\":100,\"name\":\"n\","
		      "\"words\":[\"a\",\"b\"],\"ids\":[0,9],\"one\":{\"number\":5},"
		      "\"many\":[{\"number\":1},{\"number\":-5}],\"map\":{\"a.b\":\"c\"}}",
		      &outer, NULL, &err) == 0);
	CHECK(outer.flag && outer.answer != NULL && !*outer.answer);
	CHECK(outer.in_place == -7 && *outer.number == -8);
	CHECK(outer.size == UINT64_MAX && *outer.limit == 100);
	CHECK_TEXT(outer.name, "n");
	CHECK_TEXT(outer.words[1], "b");
	CHECK(outer.words[2] == NULL);
	CHECK(outer.ids_count == 2 && outer.ids[1] == 9);
	CHECK(outer.one->number == 5);
	CHECK(outer.many_count == 2 && outer.many[1].number == -5);
	CHECK_TEXT(json_string(json_find(outer.map, "a.b")), "c");
}

static void refuse_named(const char *text, const char *message)
{
	struct outer outer;
	struct error err = { 0 };
	char line[256];

	CHECK(read_outer(text, &outer, NULL, &err) == -1);
	error_format(&err, line, sizeof(line));
	CHECK_TEXT(line, message);
}

static void reads_objects_by_name(void)
{
	struct layout_unknown *unknown = NULL;
	struct outer outer;
	struct error err;

	CHECK(read_outer("{\"name\":\"n\",\"named\":{\"a-b\":{\"number\":1,\"x\":2},"
			 "\"c\":{\"number\":-3,\"y\":4}}}",
			 &outer, &unknown, &err) == 0);
	CHECK(outer.named_count == 2 && outer.named[1].number == -3);
	CHECK_TEXT(outer.named[0].key, "a-b");
	CHECK_TEXT(outer.named[1].key, "c");
	CHECK_TEXT(unknown->where, "named[\"a-b\"].x");
	CHECK_TEXT(unknown->next->where, "named.c.y");
	refuse_named("{\"named\":[]}", "named: not an object");
	refuse_named("{\"named\":{\"a-b\":1}}", "named[\"a-b\"]: not an object");
	refuse_named("{\"named\":{\"c\":{\"number\":\"x\"}}}",
		     "named.c.number: not an integer of 64 bits");
	refuse_named("{\"named\":{\"c\":{}}}", "named.c.number: missing");
}

static void leaves_what_is_absent_or_null(const char *text)
{
	struct outer outer;
	struct error err;

	CHECK(read_outer(text, &outer, NULL, &err) == 0);
	CHECK(!outer.flag && outer.answer == NULL && outer.in_place == 0);
	CHECK(outer.number == NULL && outer.limit == NULL && outer.words == NULL);
	CHECK(outer.ids == NULL && outer.one == NULL && outer.many == NULL);
	CHECK(outer.map == NULL);
}

static void leaves_what_is_absent(void)
{
	leaves_what_is_absent_or_null("{\"name\":\"n\"}");
}

static void takes_null_for_absent(void)
{
	leaves_what_is_absent_or_null(
		"{\"name\":\"n\",\"flag\":null,\"answer\":null,\"inPlace\":null,"
		"\"number\":null,\"limit\":null,\"words\":null,\"ids\":null,\"one\":null,"
		"\"many\":null,\"map\":null,\"refused\":null}");
}

static void takes_the_last_of_one_name(void)
{
	struct outer outer;
	struct error err;

	CHECK(read_outer("{\"name\":\"a\",\"name\":\"b\",\"words\":[\"x\",\"y\"],"
			 "\"words\":[\"z\"]}",
			 &outer, NULL, &err) == 0);
	CHECK_TEXT(outer.name, "b");
	CHECK_TEXT(outer.words[0], "z");
	CHECK(outer.words[1] == NULL);
}

static void takes_empty_lists(void)
{
	struct outer outer;
	struct error err;

	CHECK(read_outer("{\"name\":\"\",\"words\":[],\"ids\":[],\"many\":[],\"map\":{}}",
			 &outer, NULL, &err) == 0);
	CHECK(outer.words != NULL && outer.words[0] == NULL);
	CHECK(outer.ids_count == 0 && outer.many_count == 0);
	CHECK(outer.map->count == 0);
}

static void says_what_is_wrong_and_where(void)
{
	static const char *const cases[][3] = {
		{ "[]", "", "not an object" },
		{ "{}", "name", "missing" },
		{ "{\"name\":null}", "name", "missing" },
		{ "{\"name\":1}", "name", "not a string" },
		{ "{\"flag\":1}", "flag", "not a boolean" },
		{ "{\"answer\":\"true\"}", "answer", "not a boolean" },
		{ "{\"inPlace\":1.0}", "inPlace", "not an integer of 64 bits" },
		{ "{\"number\":9223372036854775808}", "number",
		  "not an integer of 64 bits" },
		{ "{\"number\":\"1\"}", "number", "not an integer of 64 bits" },
		{ "{\"size\":-1}", "size", "not an unsigned integer of 64 bits" },
		{ "{\"size\":18446744073709551616}", "size",
		  "not an unsigned integer of 64 bits" },
		{ "{\"size\":1e3}", "size", "not an unsigned integer of 64 bits" },
		{ "{\"limit\":101}", "limit", "not an integer from 0 to 100" },
		{ "{\"words\":{}}", "words", "not an array" },
		{ "{\"words\":[\"a\",null]}", "words[1]", "not a string" },
		{ "{\"ids\":1}", "ids", "not an array" },
		{ "{\"ids\":[1,10]}", "ids[1]", "not an integer from 0 to 9" },
		{ "{\"one\":[]}", "one", "not an object" },
		{ "{\"one\":{}}", "one.number", "missing" },
		{ "{\"many\":{}}", "many", "not an array" },
		{ "{\"many\":[{\"number\":1},3]}", "many[1]", "not an object" },
		{ "{\"many\":[{\"number\":-6}]}", "many[0].number",
		  "not an integer from -5 to 5" },
		{ "{\"map\":[]}", "map", "not an object" },
		{ "{\"map\":{\"a.b\":1}}", "map[\"a.b\"]", "not a string" },
		{ "{\"refused\":true}", "refused", "not supported by this version" },
	};
	struct outer outer;
	struct error err;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		CHECK(read_outer(cases[i][0], &outer, NULL, &err) == -1);
		CHECK_TEXT(err.where, cases[i][1]);
		CHECK_TEXT(err.text, cases[i][2]);
	}
}

static void refuses_only_what_says_something(void)
{
	static const char *const nothing[] = {
		"null", "false", "0", "\"\"", "[]", "{}", "{\"a\":0,\"b\":{\"c\":[]}}"
	};
	static const char *const something[] = { "true",  "1",   "-1",
						 "\"a\"", "[0]", "{\"a\":{\"b\":1}}" };
	struct outer outer;
	struct error err;

	for (size_t i = 0; i < sizeof(nothing) / sizeof(*nothing); i++)
		CHECK(read_outer(arena_format(&arena, "{\"name\":\"\",\"refused\":%s}",
					      nothing[i]),
				 &outer, NULL, &err) == 0);
	for (size_t i = 0; i < sizeof(something) / sizeof(*something); i++)
		CHECK(read_outer(arena_format(&arena, "{\"name\":\"\",\"refused\":%s}",
					      something[i]),
				 &outer, NULL, &err) == -1);
}

static void names_the_unknown(void)
{
	static const char text[] =
		"{\"name\":\"\",\"x\":1,\"one\":{\"number\":1,\"y y\":{\"z\":1}},"
		"\"many\":[{\"number\":1},{\"number\":2,\"w\":0}]}";
	struct layout_unknown *unknown = NULL;
	struct outer outer;
	struct error err;

	CHECK(read_outer(text, &outer, &unknown, &err) == 0);
	CHECK_TEXT(unknown->where, "x");
	CHECK(text[unknown->offset] == '1');
	CHECK_TEXT(unknown->next->where, "one[\"y y\"]");
	CHECK_TEXT(unknown->next->next->where, "many[1].w");
	CHECK(unknown->next->next->next == NULL);
}

static void finds_a_row_by_its_path(void)
{
	CHECK_TEXT(layout_find(&outer_layout, "flag")->key, "flag");
	CHECK(layout_find(&outer_layout, "refused")->type == FIELD_REFUSED);
	CHECK_TEXT(layout_find(&outer_layout, "one.number")->key, "number");
	CHECK_TEXT(layout_find(&outer_layout, "many.number")->key, "number");
	CHECK(layout_find(&outer_layout, "one.other") == NULL);
	CHECK(layout_find(&outer_layout, "flag.number") == NULL);
	CHECK(layout_find(&outer_layout, "fla") == NULL);
	CHECK(layout_find(&outer_layout, "flags") == NULL);
	CHECK(layout_find(&outer_layout, "") == NULL);
}

int main(void)
{
	RUN(fills_every_type);
	RUN(reads_objects_by_name);
	RUN(leaves_what_is_absent);
	RUN(takes_null_for_absent);
	RUN(takes_the_last_of_one_name);
	RUN(takes_empty_lists);
	RUN(says_what_is_wrong_and_where);
	RUN(refuses_only_what_says_something);
	RUN(names_the_unknown);
	RUN(finds_a_row_by_its_path);
	arena_release(&arena);
	return check_done();
}
