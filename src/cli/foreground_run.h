/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* foreground_run - run and restore: a container launched and, unless it is detached,
 * waited for and deleted. */

#include <stdbool.h>

struct error;
struct launch_request;
struct options;

/* Its exit status, by the options --detach and --keep; *launched is set once the
 * container is there. */
int foreground_run(struct launch_request *request, const struct options *options,
		   bool *launched, struct error *err);
