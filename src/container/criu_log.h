/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* criu_log - why criu failed, out of the log that it writes. */

struct error;
struct text;

/* Adds the first different errors of the log file, "a; b", without the time and the place
 * in criu's source that stand before each. *log is the text of the file; pure. */
void criu_log_errors(const struct text *log, struct text *errors);

/*
 * Fills *err: "criu cannot ACTION: what the log says (see LOG)". dirfd/name is the log;
 * where it says nothing, `otherwise` is the reason. Returns -1.
 */
int criu_log_explain(int dirfd, const char *name, const char *action,
		     const char *otherwise, struct error *err);
