/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* program - another program run to its end, with what it is told and what it says. */

#include <stddef.h>

struct error;
struct text;

struct program {
	const char *path; /* no search */
	char *const *arguments;
	char *const *environment;
	const struct text *input; /* its standard input */
	/* Files that its standard output and standard error are appended to; NULL: into
	 * *output, together. */
	const char *stdout_file, *stderr_file;
	struct text *output; /* the first 4 KiB, the rest is read and lost, */
	size_t output_most;  /* or that many bytes, unless 0 */
	int timeout;         /* seconds until it is killed; 0: none */
};

/*
 * Its exit status, 128 + signal when it was killed; -1 when it could not be executed, or,
 * ETIMEDOUT in err->code, took too long. What it leaves running in the background is not
 * waited for. No descriptor of ours but its standard streams reaches it.
 */
int program_run(const struct program *program, struct error *err);
