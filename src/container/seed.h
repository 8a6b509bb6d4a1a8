/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* seed - a process that does nothing but live in a scope until the container's does:
 * systemd makes none without a process, and ends one that is empty. */

#include <sys/types.h>

struct error;

struct seed {
	pid_t pid;
	int pidfd; /* -1: there is none */
};

/* It has none of the caller's descriptors and dies with the caller. */
int seed_start(struct seed *seed, struct error *err);

/* Waits until it has left its cgroup. */
void seed_end(struct seed *seed);
