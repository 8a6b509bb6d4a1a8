/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"
#include "oci/json.h"
#include "oci/json_write.h"

struct json_writer {
	struct text text;
	const char *indent;
	unsigned depth;
	bool is_first; /* of the elements at this depth */
};

struct json_writer *json_writer_new(const char *indent)
{
	struct json_writer *json = calloc(1, sizeof(*json));

	if (json == NULL)
		_exit(1);
	json->indent = indent;
	json->is_first = true;
	return json;
}

static void new_line(struct json_writer *json)
{
	if (json->indent == NULL)
		return;
	text_put(&json->text, "\n");
	for (unsigned i = 0; i < json->depth; i++)
		text_put(&json->text, json->indent);
}

/* What stands before a value: comma, line, name. */
static void begin(struct json_writer *json, const char *key)
{
	if (!json->is_first)
		text_put(&json->text, ",");
	if (json->depth > 0)
		new_line(json);
	json->is_first = false;
	if (key == NULL)
		return;
	text_put_quoted(&json->text, key);
	text_put(&json->text, json->indent == NULL ? ":" : ": ");
}

static void open_level(struct json_writer *json, const char *key, const char *bracket)
{
	begin(json, key);
	text_put(&json->text, bracket);
	json->depth++;
	json->is_first = true;
}

static void close_level(struct json_writer *json, const char *bracket)
{
	assert(json->depth > 0);
	json->depth--;
	if (!json->is_first)
		new_line(json);
	text_put(&json->text, bracket);
	json->is_first = false;
}

void json_open_object(struct json_writer *json, const char *key)
{
	open_level(json, key, "{");
}

void json_close_object(struct json_writer *json)
{
	close_level(json, "}");
}

void json_open_array(struct json_writer *json, const char *key)
{
	open_level(json, key, "[");
}

void json_close_array(struct json_writer *json)
{
	close_level(json, "]");
}

static void put_raw(struct json_writer *json, const char *key, const char *value)
{
	begin(json, key);
	text_put(&json->text, value);
}

void json_put_text(struct json_writer *json, const char *key, const char *value)
{
	if (value == NULL)
		return;
	begin(json, key);
	text_put_quoted(&json->text, value);
}

void json_put_int(struct json_writer *json, const char *key, int64_t value)
{
	begin(json, key);
	text_format(&json->text, "%" PRId64, value);
}

void json_put_uint(struct json_writer *json, const char *key, uint64_t value)
{
	begin(json, key);
	text_format(&json->text, "%" PRIu64, value);
}

void json_put_bool(struct json_writer *json, const char *key, bool value)
{
	put_raw(json, key, value ? "true" : "false");
}

void json_put_null(struct json_writer *json, const char *key)
{
	put_raw(json, key, "null");
}

void json_put_hundredths(struct json_writer *json, const char *key, uint64_t value)
{
	json_put_uint(json, key, value / 100);
	if (value % 10 != 0)
		text_format(&json->text, ".%02u", (unsigned)(value % 100));
	else if (value % 100 != 0)
		text_format(&json->text, ".%u", (unsigned)(value % 100 / 10));
}

void json_put_texts(struct json_writer *json, const char *key, char *const *values)
{
	if (values == NULL)
		return;
	json_open_array(json, key);
	for (; *values != NULL; values++)
		json_put_text(json, NULL, *values);
	json_close_array(json);
}

void json_put_tree(struct json_writer *json, const char *key, const struct json *tree)
{
	bool is_object;

	if (tree == NULL)
		return;
	is_object = tree->type == JSON_OBJECT;
	switch (tree->type) {
	case JSON_NULL:
		json_put_null(json, key);
		return;
	case JSON_FALSE:
	case JSON_TRUE:
		json_put_bool(json, key, tree->type == JSON_TRUE);
		return;
	case JSON_NUMBER:
		put_raw(json, key, tree->text);
		return;
	case JSON_STRING:
		json_put_text(json, key, tree->text);
		return;
	case JSON_ARRAY:
	case JSON_OBJECT:
		break;
	}
	open_level(json, key, is_object ? "{" : "[");
	json_foreach (item, tree)
		json_put_tree(json, item->key, item);
	close_level(json, is_object ? "}" : "]");
}

void json_writer_finish(struct json_writer *json, struct text *text)
{
	assert(json->depth == 0);
	text_add(text, json->text.data, json->text.length);
	text_put(text, "\n");
	text_release(&json->text);
	free(json);
}
