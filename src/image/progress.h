/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * progress - a line on the terminal while work takes longer than a second: entries, bytes
 * and bytes a second, written over itself ten times a second at most, and gone at the
 * end. Nothing where standard error is no terminal. There is no timer: the work says how
 * far it is.
 */

#include <stdbool.h>
#include <stdint.h>

struct progress {
	bool is_wanted, is_shown;
	const char *what;       /* "reading back" */
	uint64_t began, latest; /* milliseconds */
	uint64_t entries, bytes;
};

#define auto_progress __attribute__((cleanup(progress_release)))

/* *progress is zero before; one that was not begun says nothing. what: borrowed. */
void progress_begin(struct progress *progress, const char *what);

/* So much more is done. progress may be NULL. */
void progress_add(struct progress *progress, uint64_t entries, uint64_t bytes);

/* Takes the line away, before another one is written. */
void progress_release(struct progress *progress);
