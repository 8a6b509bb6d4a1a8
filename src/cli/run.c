/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "cli/command.h"
#include "cli/foreground_options.h"
#include "cli/launch_options.h"
#include "cli/options.h"
#include "cli/run_changes.h"
#include "container/delete.h"
#include "container/foreground.h"
#include "container/launch.h"
#include "container/notify.h"
#include "container/registry.h"
#include "oci/bundle.h"

static const struct command_option run_options[] = {
	LAUNCH_OPTIONS,
	RUN_CHANGES,
	{ "detach", 'd', NULL, "do not wait for the container" },
	{ "keep", 0, NULL, "do not delete the container when it has ended" },
	{ "no-subreaper", 0, NULL, "accepted for compatibility" },
	{ NULL, 0, NULL, NULL },
};

static int delete_ended(const struct launch_request *request, struct error *err)
{
	struct registry registry;
	int result;

	if (registry_open(&registry, request->root, 0, err) < 0)
		return -1;
	result = delete_container(&registry, request->id, DELETE_FORCE, err);
	if (registry.fd >= 0)
		(void)close(registry.fd);
	return result;
}

static int run(const struct globals *globals, const struct options *options,
	       struct error *err)
{
	auto_bundle struct bundle bundle = { .dirfd = -1 };
	auto_run_changes struct run_changes changes = { 0 };
	auto_close int signalfd = -1;
	struct launch_request request;
	struct launched launched;
	int status;

	if (launch_options_read(globals, options, &bundle, &request, err) < 0)
		return -1;
	if (run_changes_apply(options, &bundle, &changes, err) < 0 ||
	    foreground_options_check(options, bundle.config.process,
				     &request.child.foreground_terminal, err) < 0)
		return bundle_locate(&bundle, err);
	request.deleted_at_end =
		!options_has(options, "detach") && !options_has(options, "keep");
	signalfd = foreground_open(err);
	if (signalfd < 0 || launch(&request, &launched, err) < 0)
		return -1;
	changes.kept = true;
	if (options_has(options, "detach")) {
		foreground_close();
		notify_wait(launched.notify, launched.pidfd, launched.pid);
		return 0;
	}
	status = foreground_wait(&launched, signalfd, err);
	if (status < 0 || !request.deleted_at_end)
		return status;
	return delete_ended(&request, err) < 0 ? -1 : status;
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
