/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * error - what went wrong, carried by value.
 *
 * The caller owns the record, usually one per command, on the stack. A record
 * holds no pointer, so it can be filled when memory is out and written as it
 * is to the socket that ties the container process to its parent.
 *
 * A function that can fail for more than one reason takes `struct error *err`
 * last, returns -1 after filling it exactly once, and 0 or more on success,
 * leaving it alone.
 *
 * A text that is too long loses its middle: what failed stands at its beginning, why at
 * its end.
 *
 * `where` is the place in the configuration as a JSON path, "process.args[0]".
 * It is kept apart from the text until oci/bundle knows the file, line and
 * column that belong to it.
 */

enum { ERROR_TEXT_MAX = 512, ERROR_WHERE_MAX = 256 };

struct error {
	int code;                    /* an errno value, or 0 when the text says it all */
	char where[ERROR_WHERE_MAX]; /* a JSON path, or empty */
	char text[ERROR_TEXT_MAX];   /* lower case, no full stop, no program name */
};

#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* Fills *err; the meaning of a nonzero code is added to the text. Returns -1. */
int error_set(struct error *err, int code, const char *format, ...) PRINTF(3, 4);

/* Says in which larger step the error happened: "step: text". Returns -1. */
int error_prefix(struct error *err, const char *format, ...) PRINTF(2, 3);

/* Adds the way out in brackets: "text (hint)". Returns -1. */
int error_hint(struct error *err, const char *format, ...) PRINTF(2, 3);

/* Puts a JSON path, or a part of one, before `where`: "a", then "[0].b". Returns -1. */
int error_at(struct error *err, const char *format, ...) PRINTF(2, 3);

/* The sentence for a reader: "where: text", cut to the size. */
void error_format(const struct error *err, char *line, unsigned long size);
