/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <string.h>

#include "base/error.h"
#include "cli/command.h"
#include "cli/options.h"
#include "container/mounts_change.h"
#include "container/registry.h"
#include "oci/bundle.h"

static const struct command_option mounts_options[] = {
	{ NULL, 0, NULL, NULL },
};

static int mounts(const struct globals *globals, const struct options *options,
		  struct error *err)
{
	auto_bundle struct bundle bundle = { .dirfd = -1 };
	const char *verb = options->operands[0];
	struct registry registry;
	struct mounts_request request = {
		.id = options->operands[1],
		.path = options->operands[2],
		.change = strcmp(verb, "add") == 0 ? MOUNTS_ADD : MOUNTS_REMOVE,
	};

	if (request.change == MOUNTS_REMOVE && strcmp(verb, "remove") != 0)
		return error_set(err, 0, "'%s' is not add or remove", verb);
	if (registry_open(&registry, globals->root, 0, err) < 0)
		return -1;
	if (mounts_change(&registry, &request, &bundle, err) < 0)
		return bundle_locate(&bundle, err);
	return 0;
}

const struct command command_mounts = {
	.name = "mounts",
	.operands = "add|remove ID FILE",
	.help = "Add mounts to a container that lives, or remove some",
	.options = mounts_options,
	.least = 3,
	.most = 3,
	.flags = COMMAND_ENTERS,
	.failure = 1,
	.run = mounts,
};
