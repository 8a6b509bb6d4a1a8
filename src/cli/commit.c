/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "cli/command.h"
#include "cli/image_program.h"
#include "cli/options.h"

static const struct command_option commit_options[] = {
	{ "merged", 0, NULL,
	  "the whole root, without what is mounted over it (default)" },
	{ "diff", 0, NULL, "what the container changed, as a layer with whiteouts" },
	{ "pause", 0, NULL, "hold the container still meanwhile (default)" },
	{ "no-pause", 0, NULL, "do not hold it still" },
	{ "compress", 0, "FORMAT", "none (default), gzip or zstd, with :LEVEL behind" },
	{ "base", 0, "IMAGE", "oci:DIR[:TAG], the image to add what was changed to" },
	{ "config", 0, "KEY=VALUE", "set a member of the image's configuration" },
	{ "author", 0, "NAME", "who made the image" },
	{ "message", 0, "TEXT", "what is said of it in its history" },
	{ "verify", 0, NULL, "read back what was written and compare its digests" },
	{ "format", 'f', "FORMAT", "of the summary: text or json" },
	{ "quiet", 'q', NULL, "no summary" },
	{ NULL, 0, NULL, NULL },
};

static int commit(const struct globals *globals, const struct options *options,
		  struct error *err)
{
	return options_say_json(options, err) < 0 ? -1
						  : image_program_execute(globals, err);
}

const struct command command_commit = {
	.name = "commit",
	.operands = "ID TARGET",
	.help = "Write what a container's root holds to an archive or an image",
	.options = commit_options,
	.least = 2,
	.most = 2,
	.failure = 1,
	.run = commit,
};
