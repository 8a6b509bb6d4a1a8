/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "base/error.h"
#include "cli/command.h"
#include "cli/foreground_options.h"
#include "cli/foreground_run.h"
#include "cli/launch_options.h"
#include "cli/options.h"
#include "cli/run_changes.h"
#include "container/launch.h"
#include "oci/bundle.h"

static const struct command_option run_options[] = {
	LAUNCH_OPTIONS,
	RUN_CHANGES,
	{ "detach", 'd', NULL, "do not wait for the container" },
	{ "keep", 0, NULL, "do not delete the container when it has ended" },
	{ "no-subreaper", 0, NULL, "accepted for compatibility" },
	{ NULL, 0, NULL, NULL },
};

static int run(const struct globals *globals, const struct options *options,
	       struct error *err)
{
	auto_bundle struct bundle bundle = { .dirfd = -1 };
	auto_run_changes struct run_changes changes = { 0 };
	struct launch_request request;

	if (launch_options_read(globals, options, &bundle, &request, err) < 0)
		return -1;
	if (run_changes_apply(options, &bundle, &changes, err) < 0 ||
	    foreground_options_check(options, bundle.config.process,
				     &request.child.foreground_terminal, err) < 0)
		return bundle_locate(&bundle, err);
	return foreground_run(&request, options, &changes.kept, err);
}

const struct command command_run = {
	.name = "run",
	.operands = "ID [-- COMMAND [ARGUMENT]...]",
	.help = "Create and start a container, wait for it, delete it",
	.options = run_options,
	.least = 1,
	.most = -1,
	.flags = COMMAND_ENTERS | COMMAND_PAYLOAD,
	.failure = 1,
	.run = run,
};
