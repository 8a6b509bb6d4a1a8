/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/launch_options.h"
#include "base/error.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/options.h"
#include "container/child.h"
#include "container/launch.h"
#include "oci/bundle.h"

enum { PRESERVE_FDS_MAX = 1 << 16 };

static void report_unknown(const char *sentence)
{
	log_debug("%s", sentence);
}

int child_options_read(const struct options *options, struct child_request *request,
		       struct error *err)
{
	*request = (struct child_request){
		.console_socket = options_text(options, "console-socket"),
		.pidfd_socket = options_text(options, "pidfd-socket"),
		.pid_file = options_text(options, "pid-file"),
	};
	return options_number(options, "preserve-fds", PRESERVE_FDS_MAX,
			      &request->preserve_fds, err);
}

int launch_options_read(const struct globals *globals, const struct options *options,
			struct bundle *bundle, struct launch_request *request,
			struct error *err)
{
	const char *path = options_text(options, "bundle");

	*request = (struct launch_request){
		.bundle = bundle,
		.id = options->operands[0],
		.root = globals->root,
		.data_root = globals->data_root,
		.claims = globals->claims,
		.cgroup_manager = globals->cgroup_manager,
		.no_pivot = options_has(options, "no-pivot"),
		.no_new_keyring = options_has(options, "no-new-keyring"),
	};
	if (child_options_read(options, &request->child, err) < 0)
		return -1;
	return bundle_load(bundle, path == NULL ? "." : path,
			   options_text(options, "config"), report_unknown, err);
}
