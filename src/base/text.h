/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * text - a string that grows. The zero value is the empty string; `data` is
 * NULL until something was added, and ends with NUL from then on. Running out
 * of memory ends the process, as with an arena.
 */

#include <stdbool.h>
#include <stddef.h>

struct text {
	char *data;
	size_t length, size;
};

#define auto_text __attribute__((cleanup(text_release)))

void text_add(struct text *text, const void *bytes, size_t length);
void text_put(struct text *text, const char *string);
void text_format(struct text *text, const char *format, ...)
	__attribute__((format(printf, 2, 3), nonnull(2)));

/* Whether the string is UTF-8, RFC 3629: nothing overlong, no surrogate. */
bool text_is_utf8(const char *string);

/* Adds the string in quotes as JSON writes it; a byte that is not UTF-8 becomes U+FFFD.
 */
void text_put_quoted(struct text *text, const char *string);

/* Adds the string with each control character as "\x1b": names that an image or a caller
 * chose can be no commands to a terminal, and a line stays one. */
void text_put_printable(struct text *text, const char *string);

/* Room for `more` bytes after the length, and where they start; the length stays. */
char *text_reserve(struct text *text, size_t more);
void text_release(struct text *text);
