/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "cli/command.h"
#include "cli/image_program.h"
#include "cli/options.h"

static const struct command_option diff_options[] = {
	{ "format", 'f', "FORMAT", "text or json" },
	{ "pause", 0, NULL, "hold the container still meanwhile (default)" },
	{ "no-pause", 0, NULL, "do not hold it still" },
	{ NULL, 0, NULL, NULL },
};

static int diff(const struct globals *globals, const struct options *options,
		struct error *err)
{
	return options_say_json(options, err) < 0 ? -1
						  : image_program_execute(globals, err);
}

const struct command command_diff = {
	.name = "diff",
	.operands = "ID",
	.help = "List what a container changed in its root",
	.options = diff_options,
	.least = 1,
	.most = 1,
	.failure = 1,
	.run = diff,
};
