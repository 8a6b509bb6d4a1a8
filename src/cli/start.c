/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "cli/command.h"
#include "cli/options.h"
#include "container/registry.h"
#include "container/start.h"

static const struct command_option start_options[] = {
	{ NULL, 0, NULL, NULL },
};

static int start(const struct globals *globals, const struct options *options,
		 struct error *err)
{
	struct registry registry;

	if (registry_open(&registry, globals->root, 0, err) < 0)
		return -1;
	return start_container(&registry, options->operands[0], err);
}

const struct command command_start = {
	.name = "start",
	.operands = "ID",
	.help = "Start a created container",
	.options = start_options,
	.least = 1,
	.most = 1,
	.failure = 1,
	.run = start,
};
