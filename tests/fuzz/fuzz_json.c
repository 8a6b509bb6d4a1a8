/* SPDX-License-Identifier: Apache-2.0 */

/* Any text: what is read can be written, and read again as the same; every place lies
 * in the text. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "oci/json.h"
#include "oci/json_write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_places(const struct json *json, const char *text, size_t length)
{
	static const char starts[] = "ntf";
	char first;

	if (json->offset >= length)
		abort();
	first = text[json->offset];
	if ((json->type == JSON_STRING && first != '"') ||
	    (json->type == JSON_ARRAY && first != '[') ||
	    (json->type == JSON_OBJECT && first != '{') ||
	    (json->type == JSON_NUMBER && strchr("-0123456789", first) == NULL) ||
	    (json->type <= JSON_TRUE && strchr(starts, first) == NULL))
		abort();
	json_foreach (item, json)
		check_places(item, text, length);
}

static void write_tree(const struct json *json, struct text *text)
{
	struct json_writer *writer = json_writer_new(NULL);

	json_put_tree(writer, NULL, json);
	json_writer_finish(writer, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_text struct text text = { 0 }, written = { 0 }, again = { 0 };
	auto_arena struct arena arena = { 0 };
	struct error err = { 0 };
	const struct json *json;

	text_add(&text, data, size);
	json = json_parse(&arena, text.data, size, &err);
	if ((json == NULL) == (err.text[0] == '\0'))
		abort();
	/* Also as a path. */
	if (json == NULL || json_reach(json, text.data) == NULL)
		return 0;
	check_places(json, text.data, size);
	write_tree(json, &written);
	json = json_parse(&arena, written.data, written.length, &err);
	if (json == NULL)
		abort();
	write_tree(json, &again);
	if (strcmp(written.data, again.data) != 0)
		abort();
	return 0;
}
