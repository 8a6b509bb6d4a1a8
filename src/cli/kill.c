/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stddef.h>

#include "base/error.h"
#include "cli/command.h"
#include "cli/options.h"
#include "container/kill.h"
#include "container/registry.h"

static const struct command_option kill_options[] = {
	{ "all", 'a', NULL, "signal every process of the container" },
	{ NULL, 0, NULL, NULL },
};

static int kill_verb(const struct globals *globals, const struct options *options,
		     struct error *err)
{
	struct registry registry;
	int number = SIGTERM;

	if (options->operands_count > 1) {
		number = kill_parse_signal(options->operands[1]);
		if (number < 0)
			return error_set(err, 0, "unknown signal '%s'",
					 options->operands[1]);
	}
	if (registry_open(&registry, globals->root, 0, err) < 0)
		return -1;
	return kill_container(&registry, options->operands[0], number,
			      options_has(options, "all") ? KILL_ALL : 0, err);
}

const struct command command_kill = {
	.name = "kill",
	.operands = "ID [SIGNAL]",
	.help = "Send a signal to a container, TERM if not given",
	.options = kill_options,
	.least = 1,
	.most = 2,
	.failure = 1,
	.run = kill_verb,
};
