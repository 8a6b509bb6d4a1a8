/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* events - the verb: what a container uses, and when it runs out of memory, as lines of
 * JSON that are runc's: {"type":"stats","id":"…","data":{…}} and {"type":"oom","id":"…"}.
 */

#include <stdint.h>

struct error;
struct registry;
struct text;

/* Adds one line of stats. A container that has ended: "container with id ID is not
 * running" (runc's words); one without a cgroup of its own is an error, too. */
int events_stats(const struct registry *registry, const char *id, struct text *line,
		 struct error *err);

/* The same every so many nanoseconds, and a line for an out-of-memory as soon as it is
 * there, to the descriptor, until the container ends. */
int events_follow(const struct registry *registry, const char *id, int64_t interval,
		  int fd, struct error *err);
