/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * systemd - a container's cgroup as a unit of systemd's, made, limited and ended by
 * asking it over its bus. The program minirun-systemd does that, run once for a call.
 */

#include <stdbool.h>
#include <sys/types.h>

struct arena;
struct config;
struct config_resources;
struct error;
struct record;

/*
 * Whether systemd can be asked at all, then record->unit and record->bus for the
 * container of that linux.cgroupsPath (systemd_unit.h), and record->cgroup_path, where
 * its cgroup will be: for an ordinary user, below that of the user's own systemd. Makes
 * nothing.
 */
int systemd_plan(const char *cgroups_path, struct arena *arena, struct record *record,
		 struct error *err);

/* Starts the unit, with the process in it if that is a scope. Where its cgroup is, in the
 * arena; NULL: nothing is left of it. */
const char *systemd_start(const struct config *config, const struct record *record,
			  pid_t pid, struct arena *arena, struct error *err);

/* Gives the unit those limits that systemd has properties for: until it ends. All of
 * these are nothing where record->unit is NULL. */
int systemd_limit(const struct record *record, const struct config_resources *resources,
		  struct error *err);

/* Moves a process of the caller's into the unit, as the kernel lets an ordinary user do
 * only below a cgroup that both are in. */
int systemd_attach(const struct record *record, pid_t pid, struct error *err);

/* Stops the unit, which should be empty, and waits until systemd has forgotten it. Done
 * already is success. A scope that is empty ends by itself: where systemd cannot be
 * asked, that is a warning. */
void systemd_stop(const struct record *record);

/* Whether the unit is a scope, which needs a process at all times. */
bool systemd_is_scope(const struct record *record);
