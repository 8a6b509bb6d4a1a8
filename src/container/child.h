/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* child - what launch and enter do alike with the process that they make. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "container/sync.h"

struct cgroup;
struct config_process;
struct error;
struct filter_owner;

/* What ties the process to who asked for it. */
struct child_request {
	const char *console_socket, *pidfd_socket, *pid_file; /* or NULL */
	int preserve_fds;
	bool foreground_terminal; /* the master comes to launched->master */
};

/* Before anything is made: a terminal has one who takes it, and only then; and the place
 * of the pid file is not something that it would replace, as /dev/null. */
int child_check(const struct child_request *request, const struct config_process *process,
		struct error *err);

/*
 * In the launcher: hears the child until it says SYNC_READY, or, with `until` SYNC_END,
 * until it is the payload after that. On the way the listener of its filter goes to the
 * agent, and the master of its terminal to *master, which stays -1 without one. -1 with
 * what the child said, or with ESRCH in err->code when it is dead, or when a signal came
 * that would have ended us, had the caller not blocked it: the child may be stopped for
 * ever.
 */
int child_hear(const struct filter_owner *owner, enum sync_type until, int *master,
	       struct error *err);

/* In the child: gives the master to the connected console socket, or, where that is -1,
 * through the socket of sync.h to the launcher, ready for its foreground. */
int child_hand_over_terminal(int console, int sync, int master, struct error *err);

/* Writes the file of --pid-file; path NULL: none. */
int child_write_pid(const char *path, pid_t pid, struct error *err);

/* Sends the pidfd to the connected socket of --pidfd-socket, which has that path. */
int child_send_pidfd(int socket, const char *path, int pidfd, struct error *err);
