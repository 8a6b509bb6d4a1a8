/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

int bundle_load(struct bundle *bundle, const char *path, config_unknown *unknown,
		struct error *err)
{
	char resolved[PATH_MAX];

	*bundle = (struct bundle){ .dirfd = -1, .file_name = "config.json" };
	if (realpath(path, resolved) == NULL)
		return error_set(err, errno, "cannot open bundle '%s'", path);
	bundle->path = arena_text(&bundle->arena, resolved, strlen(resolved));
	bundle->dirfd = open(bundle->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (bundle->dirfd < 0)
		return error_set(err, errno, "cannot open bundle '%s'", path);
	if (file_read(bundle->dirfd, bundle->file_name, BUNDLE_CONFIG_MAX, &bundle->text,
		      err) < 0)
		return error_prefix(err, "bundle '%s'", path);
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

int bundle_locate(const struct bundle *bundle, struct error *err)
{
	struct error inner = *err;
	size_t line, column;

	if (err->where[0] == '\0' || bundle->json == NULL)
		return -1;
	json_position(bundle->text.data, json_reach(bundle->json, err->where)->offset,
		      &line, &column);
	(void)error_set(err, 0, "%s:%zu:%zu: %s: %s", bundle->file_name, line, column,
			inner.where, inner.text);
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
