/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* kill - the verb: a signal for a container. */

struct error;
struct registry;

enum kill_flags {
	KILL_ALL = 1, /* every process in the container's cgroup */
};

/* A signal from its number or name, "9", "KILL", "SIGKILL", "RTMIN+1"; 0 asks whether
 * there is a process; -1: unknown. Pure. */
int kill_parse_signal(const char *text);

/* To the container process, created, running or paused; one that has ended:
 * "container not running" (managers look for the words). SIGKILL reaches a paused one
 * too, and all that is in its cgroup; it handles others once it is resumed. */
int kill_container(const struct registry *registry, const char *id, int signal,
		   enum kill_flags flags, struct error *err);
