/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * launch - the launcher's side of create and run: checks, then makes, and undoes on
 * failure what it made. The child's side is init.h.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "container/child.h"
#include "kernel/cgroup.h"

struct bundle;
struct criu_options;
struct error;

struct launch_request {
	const struct bundle *bundle;
	const char *id;
	const char *root, *data_root, *claims; /* absolute */
	enum cgroup_manager cgroup_manager;
	struct child_request child;
	bool no_pivot, no_new_keyring;
	bool wait_for_start; /* create: hold the process until start_container() */
	const struct criu_options *restore; /* out of images; NULL: process.args */
	bool deleted_at_end; /* by the caller: for `gc`, when that was killed */
};

struct launched {
	pid_t pid;
	int pidfd;  /* owned */
	int master; /* owned, or -1 */
	int notify; /* socket of notify.h, owned, or -1 */
};

/*
 * Returns once the process waits to be started, or has become the payload. Signals should
 * be blocked by the caller, so that none can end it half-way; the payload inherits none
 * of that.
 */
int launch(const struct launch_request *request, struct launched *launched,
	   struct error *err);
