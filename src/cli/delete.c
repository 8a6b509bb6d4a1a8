/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "cli/command.h"
#include "cli/matching.h"
#include "cli/options.h"
#include "container/delete.h"
#include "container/registry.h"

static const struct command_option delete_options[] = {
	{ "force", 'f', NULL, "kill it if it runs; one that does not exist is no error" },
	MATCHING_OPTION,
	{ NULL, 0, NULL, NULL },
};

static int delete_one(const struct registry *registry, const char *id, const void *how,
		      struct error *err)
{
	return delete_container(registry, id, *(const enum delete_flags *)how, err);
}

static int delete_verb(const struct globals *globals, const struct options *options,
		       struct error *err)
{
	enum delete_flags flags = options_has(options, "force") ? DELETE_FORCE : 0;
	struct registry registry;

	if (registry_open(&registry, globals->root, 0, err) < 0)
		return -1;
	return matching_run(&registry, options, delete_one, &flags, err);
}

const struct command command_delete = {
	.name = "delete",
	.operands = "ID",
	.help = "Remove a container and all that was made for it",
	.options = delete_options,
	.least = 1,
	.most = 1,
	.failure = 1,
	.run = delete_verb,
};
