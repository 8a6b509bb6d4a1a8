/* SPDX-License-Identifier: Apache-2.0 */
#include "image/store_record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/parse.h"
#include "base/text.h"
#include "image/tree_digest.h"
#include "oci/json.h"
#include "oci/json_write.h"

enum { RECORD_MAX = 64 * 1024, PATH_SIZE = 128 };

static const char *const fresh_name = "record";

static void format(const struct tree_digest *tree, struct text *text)
{
	struct json_writer *json = json_writer_new(NULL);
	auto_arena struct arena arena = { 0 };

	json_open_object(json, NULL);
	json_put_text(json, "unpacked", clock_text(&arena));
	json_put_text(json, "tree", arena_format(&arena, "sha256:%s", tree->hex));
	json_put_uint(json, "entries", tree->entries);
	json_put_uint(json, "size", tree->bytes);
	json_close_object(json);
	json_writer_finish(json, text);
}

int store_record_write(int storefd, const char *name, const struct tree_digest *tree,
		       int scratchfd, struct error *err)
{
	auto_text struct text text = { 0 };
	auto_close int records = -1;

	format(tree, &text);
	if (mkdirat(storefd, "records", 0700) == 0 || errno == EEXIST)
		records = openat(storefd, "records", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (records < 0)
		return error_set(err, errno, "cannot make 'records' of the layer store");
	if (file_replace(scratchfd, fresh_name, &text, err) < 0)
		return -1;
	if (renameat(scratchfd, fresh_name, records, name) < 0)
		return error_set(err, errno, "cannot write 'records/%s'", name);
	return 0;
}

static int read_uint(const struct json *json, const char *key, uint64_t *value)
{
	const struct json *found = json_find(json, key);

	return found != NULL && found->type == JSON_NUMBER &&
			       parse_uint(found->text, INT64_MAX, value)
		       ? 0
		       : -1;
}

int store_record_read(int storefd, const char *name, struct store_record *record,
		      struct arena *arena, struct error *err)
{
	auto_text struct text text = { 0 };
	struct store_record found;
	struct json *json;
	char path[PATH_SIZE];

	(void)snprintf(path, sizeof(path), "records/%s", name);
	if (file_read(storefd, path, RECORD_MAX, &text, err) < 0)
		return err->code == ENOENT ? 0 : -1;
	json = json_parse(arena, text.data == NULL ? "" : text.data, text.length, err);
	if (json == NULL)
		return error_prefix(err, "'%s'", path);
	found.unpacked = json_string(json_find(json, "unpacked"));
	found.tree = json_string(json_find(json, "tree"));
	if (found.unpacked == NULL || found.tree == NULL ||
	    read_uint(json, "entries", &found.entries) < 0 ||
	    read_uint(json, "size", &found.size) < 0)
		return error_set(err, 0, "'%s' lacks a member", path);
	*record = found;
	return 0;
}

void store_record_remove(int storefd, const char *name)
{
	char path[PATH_SIZE];

	(void)snprintf(path, sizeof(path), "records/%s", name);
	(void)unlinkat(storefd, path, 0);
}
