/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "cli/command.h"
#include "cli/image_program.h"
#include "cli/options.h"

static const struct command_option unpack_options[] = {
	{ "format", 'f', "FORMAT", "of the summary: text or json" },
	{ "quiet", 'q', NULL, "no summary" },
	{ NULL, 0, NULL, NULL },
};

static int unpack(const struct globals *globals, const struct options *options,
		  struct error *err)
{
	return options_say_json(options, err) < 0 ? -1
						  : image_program_execute(globals, err);
}

const struct command command_unpack = {
	.name = "unpack",
	.operands = "IMAGE BUNDLE",
	.help = "Make a bundle from an image",
	.options = unpack_options,
	.least = 2,
	.most = 2,
	.failure = 1,
	.run = unpack,
};
