/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * doctor - the verb: what this host offers and lacks, with the way out.
 *
 * Found by trying, as the caller, what `run` does: namespaces and mounts in a child that
 * is gone at once, a cgroup that is removed again, an overlay in a temporary directory
 * beside the data root. An error is what keeps every container from running, a warning
 * what some would miss.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct text;

enum { DOCTOR_LINES_MAX = 64 };

enum doctor_status { DOCTOR_OK, DOCTOR_WARNING, DOCTOR_ERROR };

struct doctor_line {
	const char *name; /* "user-namespaces" */
	enum doctor_status status;
	const char *message;
	const char *hint; /* the way out, or NULL */
};

struct doctor_host {
	const char *root, *data_root; /* absolute */
	bool cgroup_disabled;
};

struct doctor {
	const struct doctor_host *host;
	struct arena arena;
	struct doctor_line lines[DOCTOR_LINES_MAX];
	size_t count, errors;
};

#define auto_doctor __attribute__((cleanup(doctor_release)))

void doctor_examine(struct doctor *doctor);

/* "[warn] criu: not installed (install criu)\n" for each. */
void doctor_put_text(const struct doctor *doctor, struct text *text);

/* An array of objects: minirun-doctor(8). */
void doctor_put_json(const struct doctor *doctor, struct text *text);

void doctor_release(struct doctor *doctor);
