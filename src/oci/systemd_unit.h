/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * systemd_unit - what a service manager calls the cgroup of a container: a scope in a
 * slice, or a slice. Contract: systemd.unit(5), systemd.slice(5); linux.cgroupsPath has
 * the form that managers write for runc, "SLICE:PREFIX:NAME". Pure.
 */

#include <stdbool.h>

struct arena;
struct error;

struct systemd_unit {
	const char *name;  /* "minirun-ID.scope" */
	const char *slice; /* that it is in; NULL: it is one, and where its name says */
	const char *path;  /* its cgroup, below that of the service manager */
};

/*
 * Fills *unit for the container, whose unit->slice is what it is in where cgroups_path
 * names none. NULL or empty, that is all "", and an empty NAME is the id; a NAME that
 * ends in ".slice" is a unit by itself. err->where is "linux.cgroupsPath". Strings are in
 * the arena.
 */
int systemd_unit_read(struct systemd_unit *unit, struct arena *arena,
		      const char *cgroups_path, const char *id, struct error *err);
