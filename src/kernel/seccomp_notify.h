/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * seccomp_notify - the agent that decides on the system calls with SCMP_ACT_NOTIFY:
 * linux.seccomp.listenerPath. Contract: the specification's config-linux.md, "The
 * Container Process State"; seccomp_unotify(2).
 */

#include <sys/types.h>

struct config_seccomp;
struct error;
struct state;

/* Connects to the agent and gives it the listener of process pid of the container that
 * is in that state. */
int seccomp_notify(const struct config_seccomp *seccomp, const struct state *state,
		   pid_t pid, int listener, struct error *err);
