/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * enter - another process in a living container: exec's side of process.h.
 */

#include <stdbool.h>

#include "container/child.h"

struct bundle;
struct config_process;
struct error;
struct launched;
struct registry;

struct enter_request {
	const char *id;
	/* What to run, with what the caller changed; and the container's configuration,
	 * for seccomp. */
	const struct config_process *process;
	const struct bundle *bundle;
	/* As cgroup_below() wants them; [0] is NULL for that of the first process. */
	const char *const *cgroups;
	struct child_request child;
	bool ignore_paused;
};

/* Reads the container's own copy of its configuration (a bundle without directory). */
int enter_load(const struct registry *registry, const char *id, struct bundle *bundle,
	       struct error *err);

/* Returns once the process is the payload. */
int enter(const struct registry *registry, const struct enter_request *request,
	  struct launched *launched, struct error *err);
