/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/file.h"
#include "oci/bundle.h"
#include "oci/json.h"
#include "oci/layout.h"
#include "oci/overlay_annotations.h"
#include "oci/validate.h"

/* The sentence for a member that minirun does not know. */
static const char *unknown_sentence(struct bundle *bundle,
				    const struct layout_unknown *member)
{
	size_t line, column;

	json_position(bundle->text.data, member->offset, &line, &column);
	return arena_format(&bundle->arena, "%s:%zu:%zu: %s: unknown member, ignored",
			    bundle->file_name, line, column, member->where);
}

/* Fills the configuration; the error's place is a JSON path. */
static int read_config(struct bundle *bundle, struct json *json, config_unknown *unknown,
		       struct error *err)
{
	struct layout_unknown *members = NULL;
	struct layout_reader reader = { &bundle->arena, &members };

	if (overlay_annotations_merge(&bundle->arena, json, err) < 0)
		return -1;
	if (layout_read(config_table(), json, &reader, &bundle->config, err) < 0)
		return -1;
	for (; unknown != NULL && members != NULL; members = members->next)
		unknown(unknown_sentence(bundle, members));
	return validate_config(&bundle->config, err);
}

int bundle_parse(struct bundle *bundle, config_unknown *unknown, struct error *err)
{
	struct json *json;
	struct error inner;

	json = json_parse(&bundle->arena, bundle->text.data, bundle->text.length, &inner);
	if (json == NULL)
		return error_set(err, 0, "%s:%s", bundle->file_name, inner.text);
	bundle->json = json;
	if (json->type != JSON_OBJECT)
		return error_set(err, 0, "%s:1:1: not an object", bundle->file_name);
	if (read_config(bundle, json, unknown, err) < 0)
		return bundle_locate(bundle, err);
	return 0;
}

int bundle_open(struct bundle *bundle, const char *path, const char *file,
		struct error *err)
{
	char resolved[PATH_MAX];

	*bundle = (struct bundle){ .dirfd = -1,
				   .file_name = file == NULL ? "config.json" : file };
	if (realpath(path, resolved) == NULL)
		return error_set(err, errno, "cannot open bundle '%s'", path);
	bundle->path = arena_text(&bundle->arena, resolved, strlen(resolved));
	bundle->dirfd = open(bundle->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (bundle->dirfd < 0)
		return error_set(err, errno, "cannot open bundle '%s'", path);
	if (file_read(bundle->dirfd, bundle->file_name, BUNDLE_CONFIG_MAX, &bundle->text,
		      err) < 0)
		return error_prefix(err, "bundle '%s'", path);
	return 0;
}

int bundle_load(struct bundle *bundle, const char *path, const char *file,
		config_unknown *unknown, struct error *err)
{
	if (bundle_open(bundle, path, file, err) < 0)
		return -1;
	return bundle_parse(bundle, unknown, err);
}

int bundle_load_copy(struct bundle *bundle, int dirfd, const char *name,
		     struct error *err)
{
	*bundle = (struct bundle){ .dirfd = -1, .file_name = name };
	if (file_read(dirfd, name, BUNDLE_CONFIG_MAX, &bundle->text, err) < 0)
		return -1;
	return bundle_parse(bundle, NULL, err);
}

static struct bundle_part *add_part(struct bundle *bundle, const char *where)
{
	struct bundle_part *part = arena_alloc(&bundle->arena, 1, sizeof(*part));

	part->where = where;
	part->next = bundle->parts;
	bundle->parts = part;
	return part;
}

void bundle_note_option(struct bundle *bundle, const char *where, const char *option,
			const char *value)
{
	add_part(bundle, arena_text(&bundle->arena, where, strlen(where)))->name =
		arena_format(&bundle->arena, "--%s%s%s", option, value == NULL ? "" : " ",
			     value == NULL ? "" : value);
}

static struct json *parse_part(struct bundle *bundle, const char *where, const char *name,
			       const struct text *text, enum json_type type,
			       struct error *err)
{
	struct arena *arena = &bundle->arena;
	const char *copy =
		arena_text(arena, text->length == 0 ? "" : text->data, text->length);
	struct bundle_part *part;
	struct error inner;
	struct json *json;

	json = json_parse(arena, copy, text->length, &inner);
	if (json == NULL) {
		(void)error_set(err, 0, "%s:%s", name, inner.text);
		return NULL;
	}
	if (json->type != type) {
		(void)error_set(err, 0, "%s:1:1: not an %s", name,
				type == JSON_OBJECT ? "object" : "array");
		return NULL;
	}
	part = add_part(bundle, where);
	part->name = name;
	part->text = copy;
	part->json = json;
	return json;
}

const struct json *bundle_parse_part(struct bundle *bundle, const char *where,
				     const char *name, const struct text *text,
				     struct error *err)
{
	return parse_part(bundle, where, name, text, JSON_OBJECT, err);
}

static struct json *read_part(struct bundle *bundle, const char *where, const char *path,
			      enum json_type type, struct error *err)
{
	/* A pipe too, as bash makes of <(…). */
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	auto_text struct text text = { 0 };

	if (fd < 0) {
		(void)error_set(err, errno, "cannot open '%s'", path);
		return NULL;
	}
	if (file_read_open(fd, path, BUNDLE_CONFIG_MAX, &text, err) < 0)
		return NULL;
	return parse_part(bundle, where, path, &text, type, err);
}

int bundle_read_process(struct bundle *bundle, const char *path,
			struct config_process *process, struct error *err)
{
	const struct json *json = read_part(bundle, "process", path, JSON_OBJECT, err);

	if (json == NULL)
		return -1;
	if (config_process_read(process, json, &bundle->arena, NULL, err) < 0)
		return error_at(err, "process");
	return 0;
}

int bundle_read_mounts(struct bundle *bundle, const char *path, struct error *err)
{
	struct json *json = read_part(bundle, "mounts", path, JSON_ARRAY, err);

	if (json == NULL ||
	    config_mounts_read(&bundle->config, json, &bundle->arena, err) < 0)
		return -1;
	return validate_mounts(&bundle->config, err);
}

/* What of the path lies below the other one, or NULL. */
static const char *below(const char *path, const char *top)
{
	size_t length = strlen(top);

	if (strncmp(path, top, length) != 0)
		return NULL;
	path += length;
	if (*path == '.')
		return path + 1;
	return *path == '\0' || *path == '[' || length == 0 ? path : NULL;
}

static const struct bundle_part *find_part(const struct bundle *bundle, const char *where)
{
	const struct bundle_part *part = bundle->parts;

	while (part != NULL && below(where, part->where) == NULL)
		part = part->next;
	return part;
}

int bundle_locate(const struct bundle *bundle, struct error *err)
{
	const struct bundle_part file = { .where = "",
					  .name = bundle->file_name,
					  .text = bundle->text.data,
					  .json = bundle->json };
	const struct bundle_part *part = find_part(bundle, err->where);
	struct error inner = *err;
	size_t line, column;
	const char *where;

	if (part == NULL)
		part = &file;
	if (err->where[0] == '\0' || (part == &file && file.json == NULL))
		return -1;
	if (part->json == NULL) {
		(void)error_set(err, 0, "%s: %s", part->name, inner.text);
	} else {
		where = below(inner.where, part->where);
		json_position(part->text, json_reach(part->json, where)->offset, &line,
			      &column);
		(void)error_set(err, 0, "%s:%zu:%zu: %s%s%s", part->name, line, column,
				where, where[0] == '\0' ? "" : ": ", inner.text);
	}
	err->code = inner.code;
	return -1;
}

void bundle_release(struct bundle *bundle)
{
	/* Descriptor 0 is never ours: it stands for the zero value. */
	if (bundle->dirfd > 0)
		(void)close(bundle->dirfd);
	text_release(&bundle->text);
	arena_release(&bundle->arena);
	*bundle = (struct bundle){ .dirfd = -1 };
}
