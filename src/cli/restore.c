/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "cli/command.h"
#include "cli/criu_options.h"
#include "cli/foreground_options.h"
#include "cli/foreground_run.h"
#include "cli/launch_options.h"
#include "cli/options.h"
#include "container/criu_options.h"
#include "container/launch.h"
#include "oci/bundle.h"

static const struct command_option restore_options[] = {
	CRIU_OPTIONS,
	{ "bundle", 'b', "DIR", "the bundle, the current directory if not given" },
	{ "console-socket", 0, "PATH", "unix socket that takes the master of the pty" },
	{ "pid-file", 0, "PATH", "write the process's pid to PATH" },
	{ "detach", 'd', NULL, "do not wait for the container" },
	{ "keep", 0, NULL, "do not delete the container when it has ended" },
	{ "no-subreaper", 0, NULL, "accepted for compatibility" },
	{ "no-pivot", 0, NULL, "accepted for compatibility" },
	{ "tcp-close", 0, NULL, "restore TCP connections as closed ones" },
	{ "lsm-profile", 0, "TYPE:NAME", "another profile, apparmor:… or selinux:…" },
	{ "lsm-mount-context", 0, "CONTEXT", "another SELinux label of the mounts" },
	{ NULL, 0, NULL, NULL },
};

static int restore(const struct globals *globals, const struct options *options,
		   struct error *err)
{
	auto_bundle struct bundle bundle = { .dirfd = -1 };
	struct launch_request request;
	struct criu_options criu;
	bool launched;

	if (criu_options_read(options, &criu, err) < 0 ||
	    launch_options_read(globals, options, &bundle, &request, err) < 0)
		return -1;
	if (foreground_options_check(options, bundle.config.process,
				     &request.child.foreground_terminal, err) < 0)
		return bundle_locate(&bundle, err);
	request.restore = &criu;
	return foreground_run(&request, options, &launched, err);
}

const struct command command_restore = {
	.name = "restore",
	.operands = "ID",
	.help = "Make a container out of what checkpoint saved",
	.options = restore_options,
	.least = 1,
	.most = 1,
	.flags = COMMAND_ENTERS,
	.failure = 1,
	.run = restore,
};
