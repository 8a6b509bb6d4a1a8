/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* foreground_options - whose terminal it is that run and exec give to a process. */

#include <stdbool.h>

struct config_process;
struct error;
struct options;

/*
 * Whether a process with a terminal gets ours (*own), which must be there then; with
 * --console-socket it is somebody else's, and that needs --detach, as in runc.
 */
int foreground_options_check(const struct options *options,
			     const struct config_process *process, bool *own,
			     struct error *err);
