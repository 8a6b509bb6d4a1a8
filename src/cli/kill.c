/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stddef.h>

#include "base/error.h"
#include "cli/command.h"
#include "cli/matching.h"
#include "cli/options.h"
#include "container/kill.h"
#include "container/registry.h"

static const struct command_option kill_options[] = {
	{ "all", 'a', NULL, "signal every process of the container" },
	MATCHING_OPTION,
	{ NULL, 0, NULL, NULL },
};

struct kill_how {
	int number;
	enum kill_flags flags;
};

static int kill_one(const struct registry *registry, const char *id, const void *how,
		    struct error *err)
{
	const struct kill_how *kill_how = how;

	return kill_container(registry, id, kill_how->number, kill_how->flags, err);
}

static int kill_verb(const struct globals *globals, const struct options *options,
		     struct error *err)
{
	struct kill_how how = { .number = SIGTERM };
	struct registry registry;

	if (options_has(options, "all"))
		how.flags = KILL_ALL;
	if (options->operands_count > 1) {
		how.number = kill_parse_signal(options->operands[1]);
		if (how.number < 0)
			return error_set(err, 0, "unknown signal '%s'",
					 options->operands[1]);
	}
	if (registry_open(&registry, globals->root, 0, err) < 0)
		return -1;
	return matching_run(&registry, options, kill_one, &how, err);
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
