/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/tree.h"
#include "cli/options.h"
#include "cli/run_changes.h"
#include "kernel/overlay.h"
#include "oci/bundle.h"

static size_t count_given(const struct options *options, const char *name)
{
	size_t count = 0;

	for (size_t i = 0; i < options->given_count; i++)
		count += strcmp(options->given[i].name, name) == 0;
	return count;
}

/* Whether it is given without a value: it would stand for the current directory. */
/* Where an option's value is in the configuration. */
static PRINTF(4, 5) void note(struct bundle *bundle, const char *option,
			      const char *value, const char *where, ...)
{
	char path[64];
	va_list args;

	va_start(args, where);
	(void)vsnprintf(path, sizeof(path), where, args);
	va_end(args);
	bundle_note_option(bundle, path, option, value);
}

static int parse_volume(struct arena *arena, const char *text, struct config_mount *mount,
			struct error *err)
{
	static char rbind[] = "rbind", rw[] = "rw", rro[] = "rro";
	static char *read_write[] = { rbind, rw, NULL },
		    *read_only[] = { rbind, rro, NULL };
	char *source = arena_text(arena, text, strlen(text));
	char *destination = strchr(source, ':');
	char *mode = destination == NULL ? NULL : strchr(destination + 1, ':');

	if (destination == NULL || destination == source || destination[1] != '/' ||
	    (mode != NULL && strcmp(mode, ":ro") != 0 && strcmp(mode, ":rw") != 0))
		return error_set(
			err, 0, "option '--volume': '%s' is not SOURCE:/DESTINATION[:ro]",
			text);
	*destination++ = '\0';
	if (mode != NULL)
		*mode = '\0';
	*mount = (struct config_mount){
		.destination = destination,
		.type = "bind",
		.source = options_path(arena, source),
		.options = mode != NULL && mode[2] == 'o' ? read_only : read_write,
	};
	return 0;
}

static int add_volumes(const struct options *options, struct bundle *bundle,
		       struct error *err)
{
	struct config *config = &bundle->config;
	size_t count = config->mounts_count + count_given(options, "volume");
	struct config_mount *mounts;

	if (count == config->mounts_count)
		return 0;
	mounts = arena_alloc(&bundle->arena, count, sizeof(*mounts));
	if (config->mounts_count > 0)
		memcpy(mounts, config->mounts, config->mounts_count * sizeof(*mounts));
	count = config->mounts_count;
	for (size_t i = 0; i < options->given_count; i++) {
		const char *value = options->given[i].value;

		if (strcmp(options->given[i].name, "volume") != 0)
			continue;
		note(bundle, "volume", value, "mounts[%zu]", count);
		if (parse_volume(&bundle->arena, value, &mounts[count++], err) < 0)
			return -1;
	}
	config->mounts = mounts;
	config->mounts_count = count;
	return 0;
}

static int open_parent(const char *path)
{
	auto_free char *parent = strndup(path, (size_t)(strrchr(path, '/') + 1 - path));

	return parent == NULL ? -1 : open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* A user who names a place for the changes need not make it first. *made is the path if
 * it was not there. */
static int make_directory(const char *path, const char **made, struct error *err)
{
	auto_close int parent = -1;
	int code;

	if (mkdir(path, 0755) == 0) {
		*made = path;
		return 0;
	}
	code = errno;
	if (code == EEXIST)
		return 0;
	parent = open_parent(path);
	/* In /proc nothing can be made, and the kernel says "no such file". */
	if (parent >= 0 && overlay_check_upper(parent, -1, path, err) < 0)
		return -1;
	return error_set(err, code, "cannot create '%s'", path);
}

void run_changes_release(struct run_changes *changes)
{
	auto_close int parent = -1;
	struct error ignored;

	if (changes->kept)
		return;
	if (changes->upper != NULL)
		(void)rmdir(changes->upper);
	if (changes->work == NULL)
		return;
	/* overlayfs may have been there already. */
	parent = open_parent(changes->work);
	if (parent >= 0)
		(void)tree_remove(parent, strrchr(changes->work, '/') + 1, &ignored);
}

static int add_upper(const char *upper, struct bundle *bundle,
		     struct config_overlay *overlay, struct run_changes *changes,
		     struct error *err)
{
	const char *path = options_path(&bundle->arena, upper);
	size_t length = strlen(path);

	note(bundle, "upper", upper, "root.overlay.upper");
	note(bundle, "upper", upper, "root.overlay.work");
	/* Else DIR/ would have its work directory inside. */
	while (length > 1 && path[length - 1] == '/')
		length--;
	overlay->upper = arena_text(&bundle->arena, path, length);
	overlay->work = arena_format(&bundle->arena, "%s.work", overlay->upper);
	if (make_directory(overlay->upper, &changes->upper, err) < 0)
		return error_at(err, "root.overlay.upper");
	if (make_directory(overlay->work, &changes->work, err) < 0)
		return error_at(err, "root.overlay.work");
	return 0;
}

static void add_lowers(const struct options *options, struct bundle *bundle, size_t count,
		       struct config_overlay *overlay)
{
	struct arena *arena = &bundle->arena;
	size_t next = 0;

	note(bundle, "lower", NULL, "root.overlay.lower");
	overlay->lower = arena_alloc(arena, count + 1, sizeof(char *));
	for (size_t i = 0; i < options->given_count; i++) {
		const char *value = options->given[i].value, *path;

		if (strcmp(options->given[i].name, "lower") != 0)
			continue;
		note(bundle, "lower", value, "root.overlay.lower[%zu]", next);
		path = options_path(arena, value);
		overlay->lower[next++] = arena_text(arena, path, strlen(path));
	}
}

static int add_layers(const struct options *options, struct bundle *bundle,
		      struct run_changes *changes, struct error *err)
{
	const char *upper = options_text(options, "upper");
	size_t lowers = count_given(options, "lower");
	struct arena *arena = &bundle->arena;
	struct config_overlay *overlay;
	struct config_root *root;

	if (upper == NULL && lowers == 0)
		return 0;
	root = arena_alloc(arena, 1, sizeof(*root));
	overlay = arena_alloc(arena, 1, sizeof(*overlay));
	*root = *bundle->config.root;
	if (root->overlay != NULL)
		*overlay = *root->overlay;
	else if (lowers == 0)
		return error_set(err, 0,
				 "option '--upper' needs a lower layer (--lower)");
	if (lowers > 0)
		add_lowers(options, bundle, lowers, overlay);
	root->overlay = overlay;
	bundle->config.root = root;
	return upper == NULL ? 0 : add_upper(upper, bundle, overlay, changes, err);
}

int run_changes_apply(const struct options *options, struct bundle *bundle,
		      struct run_changes *changes, struct error *err)
{
	struct config_process *process = arena_alloc(&bundle->arena, 1, sizeof(*process));

	*process = *bundle->config.process;
	if (options_has(options, "terminal")) {
		process->terminal = true;
		note(bundle, "terminal", NULL, "process.terminal");
	}
	if (options->operands_count > 1)
		process->args = options->operands + 1;
	bundle->config.process = process;
	if (add_volumes(options, bundle, err) < 0)
		return -1;
	return add_layers(options, bundle, changes, err);
}
