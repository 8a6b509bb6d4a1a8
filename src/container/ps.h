/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* ps - the verb: which processes a container has, those of its cgroup and of what is
 * below. */

#include <stddef.h>
#include <sys/types.h>

struct arena;
struct error;
struct registry;
struct text;

struct ps_pids {
	const pid_t *list; /* in the caller's pid namespace; in the arena */
	size_t count;
};

/* One that has stopped has none; without a cgroup nobody knows them: an error. */
int ps_find(const struct registry *registry, const char *id, struct arena *arena,
	    struct ps_pids *pids, struct error *err);

/* What ps(1) says of them, with its title; options: its own, NULL at the end; none: -ef.
 */
int ps_table(const struct ps_pids *pids, char *const *options, struct arena *arena,
	     struct text *table, struct error *err);

/* The title, and of the lines those whose pid, the word below the title's PID, is one of
 * these. Pure. */
int ps_filter(const char *lines, const struct ps_pids *pids, struct text *table,
	      struct error *err);
