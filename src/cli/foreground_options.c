/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/foreground_options.h"
#include "oci/config.h"

int foreground_check(const struct config_process *process, const char *console_socket,
		     bool detach, bool *own, struct error *err)
{
	*own = process->terminal && !detach && console_socket == NULL;
	if (console_socket != NULL && !detach)
		return error_set(err, 0,
				 "--console-socket is for a container that is detached "
				 "(add --detach)");
	if (!*own || isatty(STDIN_FILENO) || isatty(STDOUT_FILENO) ||
	    isatty(STDERR_FILENO))
		return 0;
	(void)error_set(err, 0, "a terminal is asked for, but standard input is none");
	(void)error_hint(err, "set it to false, or give --console-socket and --detach");
	return error_at(err, "process.terminal");
}
