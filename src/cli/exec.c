/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "cli/command.h"
#include "cli/exec_changes.h"
#include "cli/foreground_options.h"
#include "cli/launch_options.h"
#include "cli/options.h"
#include "container/enter.h"
#include "container/foreground.h"
#include "container/launch.h"
#include "container/registry.h"
#include "oci/bundle.h"

static const struct command_option exec_options[] = {
	EXEC_CHANGES,
	{ "detach", 'd', NULL, "do not wait for it" },
	CHILD_OPTIONS,
	{ "cgroup", 0, "[CONTROLLER:]PATH", "below the container's own, its cgroup" },
	{ "ignore-paused", 0, NULL, "also in a paused container" },
	{ NULL, 0, NULL, NULL },
};

static int exec(const struct globals *globals, const struct options *options,
		struct error *err)
{
	auto_bundle struct bundle bundle = { .dirfd = -1 };
	auto_close int signalfd = -1;
	struct config_process process;
	struct registry registry;
	struct launched launched;
	struct enter_request request = {
		.id = options->operands[0],
		.process = &process,
		.bundle = &bundle,
		.ignore_paused = options_has(options, "ignore-paused"),
	};

	if (child_options_read(options, &request.child, err) < 0 ||
	    registry_open(&registry, globals->root, 0, err) < 0 ||
	    enter_load(&registry, request.id, &bundle, err) < 0 ||
	    exec_changes_read(options, &bundle, &process, err) < 0 ||
	    foreground_options_check(options, &process,
				     &request.child.foreground_terminal, err) < 0)
		return bundle_locate(&bundle, err);
	request.cgroups = options_list(options, "cgroup", &bundle.arena);
	signalfd = foreground_open(err);
	if (signalfd < 0 || enter(&registry, &request, &launched, err) < 0)
		return bundle_locate(&bundle, err);
	return options_has(options, "detach") ? 0
					      : foreground_wait(&launched, signalfd, err);
}

const struct command command_exec = {
	.name = "exec",
	.operands = "ID COMMAND [ARGUMENT]...",
	.help = "Run another process in a container",
	.options = exec_options,
	.least = 1,
	.most = -1,
	.flags = COMMAND_ENTERS | COMMAND_PAYLOAD,
	.failure = 255,
	.run = exec,
};
