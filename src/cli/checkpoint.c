/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "cli/command.h"
#include "cli/criu_options.h"
#include "cli/options.h"
#include "container/checkpoint.h"
#include "container/criu_options.h"
#include "container/registry.h"

static const struct command_option checkpoint_options[] = {
	CRIU_OPTIONS,
	{ "parent-path", 0, "DIR", "earlier images, by a path from the images" },
	{ "leave-running", 0, NULL, "do not end the container" },
	{ "tcp-skip-in-flight", 0, NULL, "leave out connections that are being made" },
	{ "link-remap", 0, NULL, "keep files that have no name any more" },
	{ "status-fd", 0, "FD", "write a byte when the lazy pages are ready" },
	{ "page-server", 0, "ADDRESS:PORT", "send memory to a page server" },
	{ "pre-dump", 0, NULL, "save the memory alone and go on" },
	{ NULL, 0, NULL, NULL },
};

static int checkpoint(const struct globals *globals, const struct options *options,
		      struct error *err)
{
	struct registry registry;
	struct criu_options criu;

	if (criu_options_read(options, &criu, err) < 0 ||
	    registry_open(&registry, globals->root, 0, err) < 0)
		return -1;
	return checkpoint_container(&registry, options->operands[0],
				    options_has(options, "pre-dump") ? CHECKPOINT_PRE_DUMP
								     : CHECKPOINT_WHOLE,
				    &criu, err);
}

const struct command command_checkpoint = {
	.name = "checkpoint",
	.operands = "ID",
	.help = "Save the processes of a container to files",
	.options = checkpoint_options,
	.least = 1,
	.most = 1,
	.failure = 1,
	.run = checkpoint,
};
