/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * arena - memory with one lifetime.
 *
 * Everything taken from an arena is zeroed, and goes away at once with
 * arena_release(). It hands out from blocks, so that a configuration of
 * thousands of small values costs a handful of allocations. Running out of
 * memory ends the process: a runtime lives for milliseconds, and what it has
 * made by then is recorded in the state directory for `delete --force`.
 */

#include <stddef.h>

struct arena {
	struct arena_block *blocks; /* the newest first */
};

#define auto_arena __attribute__((cleanup(arena_release)))

void *arena_alloc(struct arena *arena, size_t count, size_t size);
char *arena_text(struct arena *arena, const void *text, size_t length);
char *arena_format(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3), nonnull(2)));
void arena_release(struct arena *arena);
