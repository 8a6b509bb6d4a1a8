/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * log - where minirun speaks: standard error, and the file of --log.
 *
 * An error is printed once, by a program's main(): on standard error as
 * "minirun: text", and in the file of --log as a line of text
 * (time="…" level=error msg="…") or of JSON with the keys level, msg, time, as
 * containerd and Podman parse it. Warnings come from container/ and the programs only.
 */

#include <stdbool.h>

#include "base/error.h"

enum log_level {
	LOG_ERROR,
	LOG_WARNING,
	LOG_INFO,
	LOG_DEBUG,
};

enum log_format {
	LOG_TEXT,
	LOG_JSON,
};

/* The name before every line on standard error; "minirun" until set. */
void log_program(const char *name);

/* Everything up to the level is said; LOG_WARNING until set. */
void log_set_level(enum log_level level);

/* The same by its name: error, warning, info or debug. -1: it is none of them. */
int log_set_level_name(const char *name);

/* The lines go to the file (made if need be, appended to), "file:PATH" too, or to a
 * log_socket, and errors to standard error as well; with no path, to standard error in
 * that format. The path has to stay. */
int log_open(const char *path, enum log_format format, struct error *err);

/* Whether a line of the level would be said: before work that only it needs. */
bool log_has_level(enum log_level level);

/* One line each; log_error() takes the finished sentence. */
void log_error(const char *text);
void log_warning(const char *format, ...) PRINTF(1, 2);
void log_debug(const char *format, ...) PRINTF(1, 2);
