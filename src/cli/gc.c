/* SPDX-License-Identifier: Apache-2.0 */
#include "container/gc.h"

#include <stdbool.h>
#include <stdio.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/options.h"
#include "oci/json_write.h"

static const struct command_option gc_options[] = {
	{ "dry-run", 'n', NULL, "tell what would be removed, and remove nothing" },
	{ "stopped", 0, NULL, "remove every container that has ended" },
	{ "format", 'f', "FORMAT", "text or json" },
	{ NULL, 0, NULL, NULL },
};

struct output {
	bool is_dry;
	struct json_writer *json; /* NULL: text */
};

static const char *action_of(const struct output *output, const struct gc_item *item)
{
	if (item->action == GC_KEEP)
		return output->is_dry ? "would keep" : "kept";
	return output->is_dry ? "would remove" : "removed";
}

static void put_text(const struct output *output, const struct gc_item *item)
{
	auto_text struct text line = { 0 };

	text_format(&line, "%s %s '", action_of(output, item), item->kind);
	text_put_printable(&line, item->name);
	text_put(&line, "': ");
	text_put_printable(&line, item->reason);
	for (size_t i = 0; item->things[i] != NULL; i++) {
		text_put(&line, i == 0 ? "; with it " : ", ");
		text_put_printable(&line, item->things[i]);
	}
	text_put(&line, "\n");
	(void)fputs(line.data, stdout);
	/* What was done is said also by who is killed then. */
	(void)fflush(stdout);
}

static void put_json(const struct output *output, const struct gc_item *item)
{
	struct json_writer *json = output->json;

	json_open_object(json, NULL);
	json_put_text(json, "action", action_of(output, item));
	json_put_text(json, "kind", item->kind);
	json_put_text(json, "name", item->name);
	json_put_text(json, "reason", item->reason);
	json_open_array(json, "with");
	for (size_t i = 0; item->things[i] != NULL; i++)
		json_put_text(json, NULL, item->things[i]);
	json_close_array(json);
	json_close_object(json);
}

static void tell(void *context, const struct gc_item *item)
{
	const struct output *output = context;

	if (output->json != NULL)
		put_json(output, item);
	else
		put_text(output, item);
}

static int gc_verb(const struct globals *globals, const struct options *options,
		   struct error *err)
{
	const int is_json = options_say_json(options, err);
	struct output output = { .is_dry = options_has(options, "dry-run") };
	const struct gc_request request = {
		.root = globals->root,
		.data_root = globals->data_root,
		.claims = globals->claims,
		.flags = (output.is_dry ? GC_DRY_RUN : 0) |
			 (options_has(options, "stopped") ? GC_STOPPED : 0),
		.tell = tell,
		.context = &output,
	};
	auto_text struct text text = { 0 };
	int result;

	if (is_json < 0)
		return -1;
	if (is_json) {
		output.json = json_writer_new(NULL);
		json_open_array(output.json, NULL);
	}
	result = gc(&request, err);
	if (output.json != NULL) {
		json_close_array(output.json);
		json_writer_finish(output.json, &text);
		(void)fputs(text.data, stdout);
	}
	return result;
}

const struct command command_gc = {
	.name = "gc",
	.operands = "",
	.help = "Remove what is left of containers that nobody will delete",
	.options = gc_options,
	.least = 0,
	.most = 0,
	.failure = 1,
	.run = gc_verb,
};
