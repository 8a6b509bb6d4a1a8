/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/options.h"
#include "container/ps.h"
#include "container/registry.h"

static const struct command_option ps_options[] = {
	{ "format", 'f', "FORMAT", "table or json" },
	{ NULL, 0, NULL, NULL },
};

static void print_json(const struct ps_pids *pids)
{
	(void)printf("[");
	for (size_t i = 0; i < pids->count; i++)
		(void)printf("%s%d", i > 0 ? "," : "", pids->list[i]);
	(void)printf("]\n");
}

static int ps(const struct globals *globals, const struct options *options,
	      struct error *err)
{
	const char *format = options_text(options, "format");
	auto_arena struct arena arena = { 0 };
	auto_text struct text table = { 0 };
	struct registry registry;
	struct ps_pids pids;

	if (format != NULL && strcmp(format, "table") != 0 && strcmp(format, "json") != 0)
		return error_set(err, 0, "option '--format': '%s' is not table or json",
				 format);
	if (registry_open(&registry, globals->root, 0, err) < 0 ||
	    ps_find(&registry, options->operands[0], &arena, &pids, err) < 0)
		return -1;
	if (format != NULL && strcmp(format, "json") == 0) {
		print_json(&pids);
		return 0;
	}
	if (ps_table(&pids, options->operands + 1, &arena, &table, err) < 0)
		return -1;
	(void)fputs(table.data, stdout);
	return 0;
}

const struct command command_ps = {
	.name = "ps",
	.operands = "ID [PS_OPTION]...",
	.help = "List the processes of a container",
	.options = ps_options,
	.least = 1,
	.most = -1,
	.flags = COMMAND_FORWARDS,
	.failure = 1,
	.run = ps,
};
