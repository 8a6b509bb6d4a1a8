/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "image/diff.h"
#include "image/differences.h"
#include "image/lowers.h"
#include "image/merged.h"
#include "image/path_text.h"
#include "image/source.h"
#include "oci/json_write.h"

static const char *type_text(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return "directory";
	case S_IFLNK:
		return "symlink";
	case S_IFCHR:
		return "character";
	case S_IFBLK:
		return "block";
	case S_IFIFO:
		return "fifo";
	case S_IFSOCK:
		return "socket";
	default:
		return "file";
	}
}

static void write_text(struct difference *const *list, size_t count, struct text *text)
{
	for (size_t i = 0; i < count; i++) {
		text_format(text, "%c ", (char)list[i]->kind);
		path_text_put(text, list[i]->path);
		text_put(text, "\n");
	}
}

static void write_json(struct difference *const *list, size_t count, struct text *text)
{
	struct json_writer *json = json_writer_new("  ");

	json_open_array(json, NULL);
	for (size_t i = 0; i < count; i++) {
		const char kind[] = { (char)list[i]->kind, '\0' };
		auto_text struct text bytes = { 0 };

		json_open_object(json, NULL);
		json_put_text(json, "kind", kind);
		json_put_text(json, "path", list[i]->path);
		if (!text_is_utf8(list[i]->path)) {
			path_text_base64(&bytes, list[i]->path);
			json_put_text(json, "pathBase64", bytes.data);
		}
		json_put_text(json, "type", type_text(list[i]->mode));
		if (S_ISREG(list[i]->mode))
			json_put_int(json, "size", list[i]->size);
		json_close_object(json);
	}
	json_close_array(json);
	json_writer_finish(json, text);
}

static int find(const struct record *record, struct differences *differences,
		struct error *err)
{
	auto_lowers struct lowers lowers = { 0 };
	auto_close int upper = -1;

	if (lowers_open(&lowers, record, err) < 0)
		return -1;
	differences->lowers = &lowers;
	upper = merged_open_plain(record->upper.path, err);
	return upper < 0 ? -1 : differences_find(differences, upper, err);
}

int diff_container(const struct diff_request *request, struct error *err)
{
	const enum source_flags flags =
		SOURCE_CHANGES | (request->no_pause ? SOURCE_NO_PAUSE : 0);
	auto_source struct source source = SOURCE_NONE;
	struct differences differences = { .ids = &source.ids, .arena = &source.arena };
	auto_text struct text text = { 0 };
	struct difference **list;
	size_t count;

	if (source_open(&source, request->root, request->id, flags, err) < 0 ||
	    source_freeze(&source, err) < 0 || source_enter(&source, err) < 0 ||
	    find(&source.record, &differences, err) < 0)
		return -1;
	source_thaw(&source); /* whoever reads what we print may take his time */
	list = differences_sort(&differences, &count);
	if (request->json)
		write_json(list, count, &text);
	else
		write_text(list, count, &text);
	if (file_write_full(STDOUT_FILENO, text.data, text.length) < 0)
		return error_set(err, errno, "cannot write the changes");
	return 0;
}
