/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/options.h"
#include "container/describe.h"
#include "container/registry.h"
#include "oci/state.h"

static const struct command_option state_options[] = {
	{ NULL, 0, NULL, NULL },
};

static int state_verb(const struct globals *globals, const struct options *options,
		      struct error *err)
{
	auto_arena struct arena arena = { 0 };
	auto_text struct text text = { 0 };
	struct registry registry;
	struct state state;

	if (registry_open(&registry, globals->root, 0, err) < 0 ||
	    describe_container(&registry, options->operands[0], &arena, &state, err) < 0)
		return -1;
	state_write(&state, &text);
	(void)fputs(text.data, stdout);
	return 0;
}

const struct command command_state = {
	.name = "state",
	.operands = "ID",
	.help = "Print the state of a container",
	.options = state_options,
	.least = 1,
	.most = 1,
	.failure = 1,
	.run = state_verb,
};
