/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/options.h"
#include "container/describe.h"
#include "container/registry.h"
#include "oci/json_write.h"
#include "oci/state.h"

enum { COLUMNS = 6, COLUMN_LEAST = 12, COLUMN_GAP = 3 /* as runc's table */ };

static const struct command_option list_options[] = {
	{ "format", 'f', "FORMAT", "table or json" },
	{ "quiet", 'q', NULL, "the ids alone" },
	{ NULL, 0, NULL, NULL },
};

/* One that is deleted meanwhile, or not yet on record, is left out. */
static size_t describe_all(const struct registry *registry, char **ids,
			   struct arena *arena, struct state *states)
{
	size_t count = 0;

	for (; *ids != NULL; ids++) {
		struct error err;

		if (describe_container(registry, *ids, arena, &states[count], &err) == 0)
			count++;
		else if (err.code != ENOENT)
			log_warning("cannot tell of container '%s', ignoring: %s", *ids,
				    err.text);
	}
	return count;
}

static void print_json(const struct state *states, size_t count)
{
	struct json_writer *json = json_writer_new(NULL);
	auto_text struct text text = { 0 };

	json_open_array(json, NULL);
	for (size_t i = 0; i < count; i++)
		state_put(&states[i], json, NULL);
	json_close_array(json);
	json_writer_finish(json, &text);
	(void)fputs(text.data, stdout);
}

static void fill_row(struct arena *arena, const struct state *state, const char **row)
{
	row[0] = state->id;
	row[1] = arena_format(arena, "%d", state->pid);
	row[2] = state->status;
	row[3] = state->bundle;
	row[4] = state->created;
	row[5] = state->owner;
}

static void print_table(struct arena *arena, const struct state *states, size_t count)
{
	const char *(*rows)[COLUMNS] = arena_alloc(arena, count + 1, sizeof(*rows));
	const char *titles[] = { "ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER" };
	int widths[COLUMNS];

	memcpy(rows[0], titles, sizeof(titles));
	for (size_t i = 0; i < count; i++)
		fill_row(arena, &states[i], rows[i + 1]);
	for (size_t column = 0; column < COLUMNS; column++) {
		widths[column] = COLUMN_LEAST;
		for (size_t i = 0; i <= count; i++) {
			int width = (int)strlen(rows[i][column]) + COLUMN_GAP;

			widths[column] = width > widths[column] ? width : widths[column];
		}
	}
	for (size_t i = 0; i <= count; i++) {
		for (size_t column = 0; column < COLUMNS - 1; column++)
			(void)printf("%-*s", widths[column], rows[i][column]);
		(void)printf("%s\n", rows[i][COLUMNS - 1]);
	}
}

static int list(const struct globals *globals, const struct options *options,
		struct error *err)
{
	const char *format = options_text(options, "format");
	auto_arena struct arena arena = { 0 };
	struct registry registry;
	struct state *states;
	size_t count = 0;
	char **ids;

	if (format != NULL && strcmp(format, "table") != 0 && strcmp(format, "json") != 0)
		return error_set(err, 0, "option '--format': '%s' is not table or json",
				 format);
	if (registry_open(&registry, globals->root, 0, err) < 0 ||
	    registry_list(&registry, &arena, &ids, err) < 0)
		return -1;
	while (ids[count] != NULL)
		count++;
	states = arena_alloc(&arena, count, sizeof(*states));
	count = describe_all(&registry, ids, &arena, states);
	if (options_has(options, "quiet")) {
		for (size_t i = 0; i < count; i++)
			(void)printf("%s\n", states[i].id);
	} else if (format != NULL && strcmp(format, "json") == 0) {
		print_json(states, count);
	} else {
		print_table(&arena, states, count);
	}
	return 0;
}

const struct command command_list = {
	.name = "list",
	.operands = "",
	.help = "List the containers",
	.options = list_options,
	.least = 0,
	.most = 0,
	.failure = 1,
	.run = list,
};
