/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* filter - what launch and enter do alike for the seccomp filter of their child. */

#include <stdbool.h>
#include <sys/types.h>

#include "kernel/seccomp.h"
#include "oci/state.h"

struct config;
struct config_seccomp;
struct error;
struct sync_message;

/* The profile, and what the annotation says of it. */
int filter_check(const struct config *config, struct error *err);

/* Compiles the profile, if there is one, or has it from the cache in ROOT; tells of
 * unknown names with --debug. */
int filter_compile(int root, const struct config_seccomp *seccomp,
		   struct seccomp_program *program, struct error *err);

/* Whether the launcher may take a listener from a process that nobody may look into,
 * pidfd_getfd(2). */
bool filter_can_take(void);

struct filter_owner {
	const struct config_seccomp *seccomp;
	struct state state; /* of the container */
	pid_t pid;          /* the process that has loaded the filter */
	int pidfd, sync;    /* to it */
};

/* Takes the listener, of which the owner's message was, to the agent, and lets the owner
 * go on. */
int filter_hand_over(const struct filter_owner *owner, const struct sync_message *message,
		     struct error *err);
