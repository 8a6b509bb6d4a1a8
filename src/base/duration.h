/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* duration - spans of time as Go writes them, "5s", "100ms", "1m30s": what managers give
 * to runc. Pure. */

#include <stdbool.h>
#include <stdint.h>

/*
 * Whether the whole text is what Go's time.ParseDuration takes: a sign, then decimal
 * numbers, each with its unit (ns, us, µs, ms, s, m, h); or "0". Then *nanoseconds is
 * set, to the same number as there.
 */
bool duration_parse(const char *text, int64_t *nanoseconds);
