/* SPDX-License-Identifier: Apache-2.0 */
#include "image/store_verb.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "image/size_text.h"
#include "image/store.h"
#include "oci/json_write.h"

enum { NAME_SHOWN = 12 /* digits of a name in the table */ };

void store_put_json(struct json_writer *json, const struct store_layer *layer)
{
	json_put_text(json, "name", layer->name);
	json_put_text(json, "path", layer->path);
	if (layer->record.unpacked != NULL) {
		json_put_text(json, "unpacked", layer->record.unpacked);
		json_put_text(json, "tree", layer->record.tree);
		json_put_uint(json, "entries", layer->record.entries);
		json_put_uint(json, "size", layer->record.size);
	}
	json_open_array(json, "containers");
	for (size_t i = 0; i < layer->users_count; i++)
		json_put_text(json, NULL, layer->users[i]);
	json_close_array(json);
}

void store_put_users(struct text *text, const struct store_layer *layer, const char *root)
{
	const size_t length = strlen(root);

	for (size_t i = 0; i < layer->users_count; i++) {
		const char *user = layer->users[i], *id = strrchr(user, '/') + 1;
		const bool is_ours = (size_t)(id - user) == length + 1 &&
				     strncmp(user, root, length) == 0;

		text_put(text, i == 0 ? "" : ", ");
		text_put_printable(text, is_ours ? id : user);
	}
	if (layer->users_count == 0)
		text_put(text, "-");
}

int store_print(const struct text *text, struct error *err)
{
	if (text->length > 0 &&
	    file_write_full(STDOUT_FILENO, text->data, text->length) < 0)
		return error_set(err, errno, "cannot write to standard output");
	return 0;
}

void store_lines_open(struct store_lines *lines, bool is_json)
{
	lines->json = is_json ? json_writer_new(NULL) : NULL;
	if (is_json)
		json_open_array(lines->json, NULL);
}

void store_lines_put(const struct store_lines *lines, const char *state, const char *name,
		     const char *reason)
{
	auto_text struct text line = { 0 };

	if (lines->json != NULL) {
		json_open_object(lines->json, NULL);
		json_put_text(lines->json, "state", state);
		json_put_text(lines->json, "name", name);
		json_put_text(lines->json, "reason", reason);
		json_close_object(lines->json);
		return;
	}
	text_format(&line, "%s layer '%s'", state, name);
	text_put(&line, reason == NULL ? "" : ": ");
	text_put_printable(&line, reason == NULL ? "" : reason);
	(void)puts(line.data);
	/* What was done is said also by who is killed then. */
	(void)fflush(stdout);
}

void store_lines_close(const struct store_lines *lines)
{
	auto_text struct text text = { 0 };

	if (lines->json == NULL)
		return;
	json_close_array(lines->json);
	json_writer_finish(lines->json, &text);
	(void)fputs(text.data, stdout);
	(void)fflush(stdout);
}

static void put_row(struct text *text, const struct store_layer *layer, const char *root)
{
	const struct store_record *record = &layer->record;
	char size[32] = "-";

	if (record->unpacked != NULL)
		size_text_format(record->size, size, sizeof(size));
	/* To the second. */
	text_format(text, "%.*s   %-10s   %-20.19s   ", NAME_SHOWN, layer->name, size,
		    record->unpacked != NULL ? record->unpacked : "-");
	store_put_users(text, layer, root);
	text_put(text, "\n");
}

static void put_list_json(const struct store *store, struct text *text)
{
	struct json_writer *json = json_writer_new(NULL);

	json_open_array(json, NULL);
	for (size_t i = 0; i < store->count; i++) {
		json_open_object(json, NULL);
		store_put_json(json, &store->layers[i]);
		json_close_object(json);
	}
	json_close_array(json);
	json_writer_finish(json, text);
}

static void list(const struct store_request *request, const struct store *store,
		 struct text *text)
{
	if (request->json) {
		put_list_json(store, text);
		return;
	}
	if (!request->quiet)
		text_put(text, "LAYER          SIZE         UNPACKED               "
			       "CONTAINERS\n");
	for (size_t i = 0; i < store->count; i++) {
		if (request->quiet)
			text_format(text, "%s\n", store->layers[i].name);
		else
			put_row(text, &store->layers[i], request->root);
	}
}

static int read_verb(const struct store_request *request, struct error *err)
{
	auto_store struct store store = STORE_NONE;
	auto_text struct text text = { 0 };

	if (store_open(&store, request->root, request->data_root, STORE_SHARED, err) < 0)
		return -1;
	if (strcmp(request->words[0], "list") == 0)
		list(request, &store, &text);
	else if (store_show(request, &store, &text, err) < 0)
		return -1;
	store_unlock(&store);
	return store_print(&text, err);
}

int store_verb(const struct store_request *request, struct error *err)
{
	if (strcmp(request->words[0], "remove") == 0)
		return store_remove(request, err);
	if (strcmp(request->words[0], "verify") == 0)
		return store_verify(request, err);
	return read_verb(request, err);
}
