/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "check.h"
#include "oci/json.h"

static struct json *parse(struct arena *arena, const char *text)
{
	struct error err;
	struct json *json = json_parse(arena, text, strlen(text), &err);

	if (json == NULL)
		printf("# %s\n", err.text);
	return json;
}

static void reads_every_type(void)
{
	auto_arena struct arena arena = { 0 };
	const struct json *json =
		parse(&arena, "[null, true, false, -1.5e3, \"\\u00e9\", [], {}]");
	static const enum json_type types[] = { JSON_NULL,   JSON_TRUE,   JSON_FALSE,
						JSON_NUMBER, JSON_STRING, JSON_ARRAY,
						JSON_OBJECT };
	size_t i = 0;

	CHECK(json->type == JSON_ARRAY && json->count == 7);
	json_foreach (item, json)
		CHECK(item->type == types[i++]);
	CHECK_TEXT(json_reach(json, "[3]")->text, "-1.5e3");
	CHECK_TEXT(json_reach(json, "[4]")->text, "\xc3\xa9");
}

static void keeps_both_of_one_name_and_finds_the_last(void)
{
	auto_arena struct arena arena = { 0 };
	const struct json *json = parse(&arena, "{\"a\": 1, \"b\": 2, \"a\": \"x\"}");

	CHECK(json->count == 3);
	CHECK_TEXT(json_string(json_find(json, "a")), "x");
	CHECK(json_string(json_find(json, "b")) == NULL);
	CHECK(json_find(json, "c") == NULL);
	CHECK(json_find(NULL, "c") == NULL);
	CHECK(json_find(json_find(json, "b"), "c") == NULL);
	CHECK(json_string(NULL) == NULL);
}

static void says_where_each_value_starts(void)
{
	static const char text[] =
		" {\"a\\\"\\\\\": [1, -2.5 ,true,null , false,\"x\\\"y\\\\\","
		"\"\\u00e9\", {}], \"b\" : {\"c\":\"\"}, \"d\":12}";
	static const char *const starts[][2] = {
		{ "", "{\"a" },       { "[\"a\"\\\"]", "" }, { "b", "{\"c\":\"\"}, " },
		{ "b.c", "\"\"}, " }, { "d", "12}" },
	};
	auto_arena struct arena arena = { 0 };
	const struct json *json = parse(&arena, text);
	static const char *const elements[] = { "1,",    "-2.5",    "true",    "null",
						"false", "\"x\\\"", "\"\\u00", "{}]" };
	size_t i = 0;

	for (i = 0; i < sizeof(starts) / sizeof(*starts); i++)
		CHECK(strncmp(text + json_reach(json, starts[i][0])->offset, starts[i][1],
			      strlen(starts[i][1])) == 0);
	i = 0;
	json_foreach (item, json->child) {
		CHECK(strncmp(text + item->offset, elements[i], strlen(elements[i])) ==
		      0);
		i++;
	}
	CHECK(parse(&arena, "  12")->offset == 2);
}

static void refuses_what_is_not_json(void)
{
	static const char *const cases[][2] = {
		{ "", "1:1: the text ends too early" },
		{ " \n", "2:1: the text ends too early" },
		{ "{", "1:2: the text ends too early" },
		{ "\"abc", "1:5: the text ends too early" },
		{ "{\"a\" 1}", "1:6: no ':' after a name" },
		{ "{a:1}", "1:2: unexpected character" },
		{ "{1:1}", "1:2: not a name in quotes" },
		{ "[1 2]", "1:4: neither ',' nor ']' after an element" },
		{ "{\"a\":\n  12 \"b\"}", "2:6: neither ',' nor '}' after a member" },
		{ "{\"a\":1]", "1:7: neither ',' nor '}' after a member" },
		{ "[1,]", "1:4: unexpected here" },
		{ "[,1]", "1:2: unexpected here" },
		{ "{\"a\":1,}", "1:8: not a name in quotes" },
		{ "[1] [2]", "1:5: something follows the document" },
		{ "[1]x", "1:4: something follows the document" },
		{ "{\"a\":tru}", "1:6: unknown word" },
		{ "{\"a\":True}", "1:6: unexpected character" },
		{ "[NaN]", "1:2: unexpected character" },
		{ "['a']", "1:2: unexpected character" },
		{ "[\"a\nb\"]", "1:3: a control character in a string" },
		{ "[\"\\x\"]",
		  "1:3: '\\' before a character that it cannot stand before" },
		{ "[\"\xff\"]", "1:3: not UTF-8" },
		{ "[\"\xc0\xaf\"]", "1:2: not UTF-8" },
		{ "{\"\xed\xa0\x80\":1}", "1:2: not UTF-8" },
		{ "[\"\xc3\xa9\", \xff]", "1:7: unexpected character" },
		{ "// c\n{}", "1:1: unexpected '/' (JSON has no comments)" },
		{ "{/* c */}", "1:2: unexpected '/' (JSON has no comments)" },
		{ "[1.]", "1:2: no digit after the decimal point" },
		{ "[-]", "1:2: no digit after the minus sign" },
		{ "[1e]", "1:2: no digit after the exponent" },
		{ "[\"\\u00g0\"]", "1:4: not four hexadecimal digits after '\\u'" },
		{ "[\"a\\u0000b\"]", "1:2: a NUL character" },
		{ "{\n \"\\u0000\":1}", "2:2: a NUL character" },
		{ "\xef\xbb\xbf{}", "1:1: unexpected character" },
	};
	auto_arena struct arena arena = { 0 };
	struct error err;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		err.text[0] = '\0';
		CHECK(json_parse(&arena, cases[i][0], strlen(cases[i][0]), &err) == NULL);
		CHECK_TEXT(err.text, cases[i][1]);
	}
}

static void refuses_a_raw_nul(void)
{
	auto_arena struct arena arena = { 0 };
	struct error err;

	CHECK(json_parse(&arena, "[1]\0", 4, &err) == NULL);
	CHECK_TEXT(err.text, "1:4: something follows the document");
	CHECK(json_parse(&arena, "[\"a\0b\"]", 7, &err) == NULL);
	CHECK_TEXT(err.text, "1:3: a control character in a string");
}

static void nest(struct text *text, size_t depth)
{
	text->length = 0;
	for (size_t i = 0; i < depth; i++)
		text_put(text, i % 2 == 0 ? "[" : "{\"a\":");
}

static void refuses_what_is_nested_too_deep(void)
{
	auto_arena struct arena arena = { 0 };
	auto_text struct text text = { 0 };
	struct error err;

	nest(&text, 64);
	CHECK(json_parse(&arena, text.data, text.length, &err) == NULL);
	CHECK(strstr(err.text, "ends too early") != NULL);
	nest(&text, 65);
	CHECK(json_parse(&arena, text.data, text.length, &err) == NULL);
	CHECK_TEXT(err.text, "1:193: nested deeper than 64 levels");
	nest(&text, 2000000);
	CHECK(json_parse(&arena, text.data, text.length, &err) == NULL);
	CHECK_TEXT(err.text, "1:193: nested deeper than 64 levels");
}

static void refuses_too_many_values(void)
{
	auto_arena struct arena arena = { 0 };
	auto_text struct text text = { 0 };
	struct error err;

	text_put(&text, "[");
	for (int i = 0; i < 1100000; i++)
		text_put(&text, "0,");
	CHECK(json_parse(&arena, text.data, text.length, &err) == NULL);
	CHECK_TEXT(err.text, "1:2097152: more than a million values");
}

static void reaches_by_path(void)
{
	auto_arena struct arena arena = { 0 };
	const struct json *json = parse(
		&arena, "{\"a\":{\"b\":[{\"c\":\"1\"},\"2\"]}, \"x.y\":{\"z\":\"3\"}}");

	CHECK_TEXT(json_reach(json, "a.b[0].c")->text, "1");
	CHECK_TEXT(json_reach(json, "a.b[1]")->text, "2");
	CHECK_TEXT(json_reach(json, "[\"x.y\"].z")->text, "3");
	CHECK(json_reach(json, "") == json);
}

static void reaches_as_far_as_there_is(void)
{
	static const char *const partial[] = { "a.c",   "a[0]",  "a.",     "a[\"c\"]",
					       "a[\"c", "a.c.b", "a[\"\"]" };
	auto_arena struct arena arena = { 0 };
	const struct json *json = parse(&arena, "{\"a\":{\"b\":[1]}}");

	for (size_t i = 0; i < sizeof(partial) / sizeof(*partial); i++)
		CHECK(json_reach(json, partial[i]) == json->child);
	CHECK(json_reach(json, "a.b[5]") == json_find(json->child, "b"));
	CHECK(json_reach(json, "a.b[x]")->type == JSON_NUMBER);
	CHECK(json_reach(json, "[") == json);
	CHECK(json_reach(json, "]") == json);
}

static void counts_characters_in_a_column(void)
{
	size_t line, column;

	json_position("a\nb\xc3\xa9!", 5, &line, &column);
	CHECK(line == 2 && column == 3);
	json_position("", 0, &line, &column);
	CHECK(line == 1 && column == 1);
}

static void builds_by_hand(void)
{
	auto_arena struct arena arena = { 0 };
	struct json *object = json_add(&arena, NULL, JSON_OBJECT, NULL, NULL);

	(void)json_add(&arena, object, JSON_STRING, "a", "1");
	(void)json_add(&arena, object, JSON_NUMBER, "b", "2");
	CHECK(object->count == 2);
	CHECK_TEXT(json_string(json_find(object, "a")), "1");
	CHECK_TEXT(json_find(object, "b")->text, "2");
}

int main(void)
{
	RUN(reads_every_type);
	RUN(keeps_both_of_one_name_and_finds_the_last);
	RUN(says_where_each_value_starts);
	RUN(refuses_what_is_not_json);
	RUN(refuses_a_raw_nul);
	RUN(refuses_what_is_nested_too_deep);
	RUN(refuses_too_many_values);
	RUN(reaches_by_path);
	RUN(reaches_as_far_as_there_is);
	RUN(counts_characters_in_a_column);
	RUN(builds_by_hand);
	return check_done();
}
