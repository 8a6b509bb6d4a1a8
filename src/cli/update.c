/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/update_changes.h"
#include "container/registry.h"
#include "container/update.h"

static const struct command_option update_options[] = {
	{ "resources", 'r', "FILE", "limits as in linux.resources; - is standard input" },
	UPDATE_CHANGES,
	{ "l3-cache-schema", 0, "SCHEMA", "shares of the L3 cache" },
	{ "mem-bw-schema", 0, "SCHEMA", "shares of the memory bandwidth" },
	{ NULL, 0, NULL, NULL },
};

/* NULL for an empty one too: a variable of a script that asks for nothing. */
static const char *given(const struct options *options, const char *name)
{
	const char *value = options_text(options, name);

	return value == NULL || value[0] == '\0' ? NULL : value;
}

static const char *name_of(const char *path)
{
	return strcmp(path, "-") == 0 ? "standard input" : path;
}

/* A pipe too, unlike file_read(). */
static int read_all(const char *path, struct text *text, struct error *err)
{
	bool is_input = strcmp(path, "-") == 0;
	auto_close int opened = is_input ? -1 : open(path, O_RDONLY | O_CLOEXEC);

	if (!is_input && opened < 0)
		return error_set(err, errno, "cannot open '%s'", path);
	return file_read_open(is_input ? STDIN_FILENO : opened, name_of(path),
			      BUNDLE_CONFIG_MAX, text, err);
}

/* Options beside a file are ignored, as by runc. */
static const struct json *find_asked(const struct options *options, const char *path,
				     const struct text *text, struct bundle *bundle,
				     struct error *err)
{
	if (path == NULL)
		return update_changes_read(options, bundle, err);
	return bundle_parse_part(bundle, "linux.resources", name_of(path), text, err);
}

static int update(const struct globals *globals, const struct options *options,
		  struct error *err)
{
	const char *path = options_text(options, "resources");
	auto_update struct update update = UPDATE_NONE;
	auto_text struct text text = { 0 };
	struct registry registry;
	struct update_request request = {
		.l3_cache_schema = given(options, "l3-cache-schema"),
		.mem_bw_schema = given(options, "mem-bw-schema"),
	};

	/* Before the lock is held: who writes it may take its time. */
	if ((path != NULL && read_all(path, &text, err) < 0) ||
	    registry_open(&registry, globals->root, 0, err) < 0 ||
	    update_open(&update, &registry, options->operands[0], err) < 0)
		return -1;
	request.resources = find_asked(options, path, &text, &update.bundle, err);
	if (request.resources == NULL)
		return -1;
	if (update_apply(&update, &request, err) < 0)
		return bundle_locate(&update.bundle, err);
	return 0;
}

const struct command command_update = {
	.name = "update",
	.operands = "ID",
	.help = "Change the limits of a container",
	.options = update_options,
	.least = 1,
	.most = 1,
	.failure = 1,
	.run = update,
};
