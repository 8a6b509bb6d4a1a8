/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stddef.h>

#include "base/error.h"
#include "cli/command.h"
#include "cli/launch_options.h"
#include "cli/options.h"
#include "container/launch.h"
#include "oci/bundle.h"

static const struct command_option create_options[] = {
	LAUNCH_OPTIONS,
	{ "no-subreaper", 0, NULL, "accepted for compatibility" },
	{ NULL, 0, NULL, NULL },
};

static int create(const struct globals *globals, const struct options *options,
		  struct error *err)
{
	auto_bundle struct bundle bundle = { .dirfd = -1 };
	struct launch_request request;
	struct launched launched;
	sigset_t all, before;
	int result;

	if (launch_options_read(globals, options, &bundle, &request, err) < 0)
		return -1;
	request.wait_for_start = true;
	/* A signal that would end us comes when the container is whole, or undone. */
	(void)sigfillset(&all);
	(void)sigprocmask(SIG_BLOCK, &all, &before);
	result = launch(&request, &launched, err);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	return result;
}

const struct command command_create = {
	.name = "create",
	.operands = "ID",
	.help = "Create a container that waits to be started",
	.options = create_options,
	.least = 1,
	.most = 1,
	.flags = COMMAND_ENTERS,
	.failure = 1,
	.run = create,
};
