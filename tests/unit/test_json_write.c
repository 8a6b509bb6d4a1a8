/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "check.h"
#include "oci/json.h"
#include "oci/json_write.h"

static void write_sample(struct json_writer *json)
{
	char one[] = "one", two[] = "t\"wo";
	char *words[] = { one, two, NULL }, *none[] = { NULL };

	json_open_object(json, NULL);
	json_put_text(json, "text", "a\xff");
	json_put_int(json, "int", INT64_MIN);
	json_put_uint(json, "uint", UINT64_MAX);
	json_put_bool(json, "bool", true);
	json_put_texts(json, "words", words);
	json_put_texts(json, "none", none);
	json_put_text(json, "absent", NULL);
	json_put_texts(json, "absent", NULL);
	json_put_tree(json, "absent", NULL);
	json_open_object(json, "empty");
	json_close_object(json);
	json_open_array(json, "list");
	json_put_int(json, NULL, 1);
	json_open_object(json, NULL);
	json_close_object(json);
	json_close_array(json);
	json_close_object(json);
}

static void writes_one_line(void)
{
	struct json_writer *json = json_writer_new(NULL);
	auto_text struct text text = { 0 };

	write_sample(json);
	json_writer_finish(json, &text);
	CHECK_TEXT(
		text.data,
		"{\"text\":\"a\xef\xbf\xbd\",\"int\":-9223372036854775808,"
		"\"uint\":18446744073709551615,\"bool\":true,\"words\":[\"one\",\"t\\\"wo\"],"
		"\"none\":[],\"empty\":{},\"list\":[1,{}]}\n");
}

static void indents(void)
{
	struct json_writer *json = json_writer_new("  ");
	auto_text struct text text = { 0 };

	write_sample(json);
	json_writer_finish(json, &text);
	CHECK_TEXT(text.data, "{\n"
			      "  \"text\": \"a\xef\xbf\xbd\",\n"
			      "  \"int\": -9223372036854775808,\n"
			      "  \"uint\": 18446744073709551615,\n"
			      "  \"bool\": true,\n"
			      "  \"words\": [\n"
			      "    \"one\",\n"
			      "    \"t\\\"wo\"\n"
			      "  ],\n"
			      "  \"none\": [],\n"
			      "  \"empty\": {},\n"
			      "  \"list\": [\n"
			      "    1,\n"
			      "    {}\n"
			      "  ]\n"
			      "}\n");
}

static void writes_a_tree_as_it_was_read(void)
{
	static const char tree[] =
		"{\"a\":[1.50,null,true,false,\"\\u0001\"],\"b\":{},\"c\":-0}\n";
	struct json_writer *json = json_writer_new(NULL);
	auto_arena struct arena arena = { 0 };
	auto_text struct text text = { 0 };
	struct error err;

	json_put_tree(json, NULL, json_parse(&arena, tree, strlen(tree), &err));
	json_writer_finish(json, &text);
	CHECK_TEXT(text.data, tree);
}

static void writes_null_and_hundredths(void)
{
	static const uint64_t values[] = { 0, 5, 10, 125, 1250, 10000 };
	struct json_writer *json = json_writer_new(NULL);
	auto_text struct text text = { 0 };

	json_open_array(json, NULL);
	json_put_null(json, NULL);
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
		json_put_hundredths(json, NULL, values[i]);
	json_close_array(json);
	json_writer_finish(json, &text);
	CHECK_TEXT(text.data, "[null,0,0.05,0.1,1.25,12.5,100]\n");
}

int main(void)
{
	RUN(writes_one_line);
	RUN(indents);
	RUN(writes_a_tree_as_it_was_read);
	RUN(writes_null_and_hundredths);
	return check_done();
}
