/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* clock - the time of day as text. */

struct arena;

/* Now in UTC as RFC 3339 with nanoseconds, "2026-11-20T09:30:00.000000000Z". gmtime(3)
 * would read /etc/localtime first, at every start of a container. */
const char *clock_text(struct arena *arena);

struct timespec;

/* The same for a given time, from 1970 on. Pure. */
const char *clock_format(struct arena *arena, const struct timespec *time);
