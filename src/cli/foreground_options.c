/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "base/error.h"
#include "cli/foreground_options.h"
#include "cli/options.h"
#include "oci/config.h"

int foreground_options_check(const struct options *options,
			     const struct config_process *process, bool *own,
			     struct error *err)
{
	bool detach = options_has(options, "detach");
	bool console_socket = options_has(options, "console-socket");

	*own = process->terminal && !detach && !console_socket;
	if (console_socket && !detach)
		return error_set(err, 0,
				 "--console-socket is for a container that is detached "
				 "(add --detach)");
	if (!*own || isatty(STDIN_FILENO) || isatty(STDOUT_FILENO) ||
	    isatty(STDERR_FILENO))
		return 0;
	(void)error_set(err, 0, "a terminal is asked for, but standard input is none");
	(void)error_hint(err, "ask for none, or give --console-socket and --detach");
	return error_at(err, "process.terminal");
}
