/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "cli/command.h"
#include "cli/options.h"
#include "container/pause.h"
#include "container/registry.h"

static const struct command_option pause_options[] = {
	{ NULL, 0, NULL, NULL },
};

static int pause_verb(const struct globals *globals, const struct options *options,
		      struct error *err)
{
	struct registry registry;

	if (registry_open(&registry, globals->root, 0, err) < 0)
		return -1;
	return pause_container(&registry, options->operands[0], err);
}

const struct command command_pause = {
	.name = "pause",
	.operands = "ID",
	.help = "Hold all processes of a container still",
	.options = pause_options,
	.least = 1,
	.most = 1,
	.failure = 1,
	.run = pause_verb,
};
