/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "cli/command.h"
#include "cli/options.h"
#include "container/pause.h"
#include "container/registry.h"

static const struct command_option resume_options[] = {
	{ NULL, 0, NULL, NULL },
};

static int resume_verb(const struct globals *globals, const struct options *options,
		       struct error *err)
{
	struct registry registry;

	if (registry_open(&registry, globals->root, 0, err) < 0)
		return -1;
	return resume_container(&registry, options->operands[0], err);
}

const struct command command_resume = {
	.name = "resume",
	.operands = "ID",
	.help = "Let a paused container run on",
	.options = resume_options,
	.least = 1,
	.most = 1,
	.failure = 1,
	.run = resume_verb,
};
