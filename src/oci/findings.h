/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* findings - what is wrong with a configuration, all of it. */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct text;

enum { FINDINGS_MAX = 1000 };

enum finding_level {
	FINDING_ERROR,
	FINDING_WARNING,
};

struct finding {
	enum finding_level level;
	size_t line, column; /* from 1, 0: not of the file */
	const char *path;    /* in the document, "" is all of it */
	const char *text;    /* why */
	size_t number;       /* in the order of being found */
};

struct findings {
	const char *file_name;
	bool is_strict; /* a warning that is added is an error */
	struct arena arena;
	struct finding list[FINDINGS_MAX];
	size_t count, errors, warnings;
};

#define auto_findings __attribute__((cleanup(findings_release)))

/* Copies a finding, unless the same was said of the same place. False: there is no room
 * for another one. */
bool findings_add(struct findings *findings, const struct finding *finding);

/* Whether there is an error at the path or below it. */
bool findings_have_error(const struct findings *findings, const char *path);

/* In the order of the file; those without a place stand behind. */
void findings_sort(struct findings *findings);

/* "config.json:12:9: process.cwd: not an absolute path\n" for each, and how many there
 * are. */
void findings_put_text(const struct findings *findings, struct text *text);

/* An array of objects: minirun-check(8). */
void findings_put_json(const struct findings *findings, struct text *text);

void findings_release(struct findings *findings);
