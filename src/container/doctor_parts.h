/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* doctor_parts - what the files of doctor share. */

#include "base/error.h"
#include "container/doctor.h"

/* A line; hint: the way out, NULL where there is nothing to do. */
void doctor_add(struct doctor *doctor, const char *name, enum doctor_status status,
		const char *hint, const char *format, ...) PRINTF(5, 6);

/* What an error says, with the hint that is in its text unless one is given. */
void doctor_add_error(struct doctor *doctor, const char *name, enum doctor_status status,
		      const struct error *err, const char *hint);

/* Whether the caller needs a user namespace to make the others: no root of the host. */
bool doctor_is_ordinary(void);

struct doctor_trial {
	int flags; /* CLONE_NEW… of the child it runs in, CLONE_NEWUSER added for an
		      ordinary user */
	int (*run)(const void *context, struct error *err);
	const void *context;
};

/* Runs it in a child with namespaces of its own, the mounts private: its result, with
 * what it wrote into *err, or -1. */
int doctor_try(const struct doctor_trial *trial, struct error *err);

/* The directory, or the nearest above it that is there; in the arena. */
const char *doctor_nearest(struct arena *arena, const char *path);

/* Each adds its lines. */
void doctor_kernel(struct doctor *doctor);     /* doctor_kernel.c */
void doctor_namespaces(struct doctor *doctor); /* doctor_namespaces.c */
void doctor_cgroups(struct doctor *doctor);    /* doctor_cgroups.c */
void doctor_places(struct doctor *doctor);     /* doctor_places.c */
void doctor_programs(struct doctor *doctor);   /* doctor_programs.c */
