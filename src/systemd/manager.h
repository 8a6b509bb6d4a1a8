/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * manager - the service manager at the other end of a bus: org.freedesktop.systemd1(5).
 * Each call waits until what was asked for is done, and for 30 seconds at most.
 */

#include <stddef.h>
#include <sys/types.h>

struct arena;
struct error;
struct sd_bus;
struct systemd_property;

struct systemd_properties {
	struct systemd_property *list;
	size_t count;
};

struct manager {
	struct sd_bus *bus;
	const char *address;
};

#define auto_manager __attribute__((cleanup(manager_release)))

int manager_open(struct manager *manager, const char *address, struct error *err);
void manager_release(struct manager *manager);

/* The cgroup of the manager, below which those of its units are: "" for the root. */
const char *manager_cgroup(const struct manager *manager, struct arena *arena,
			   struct error *err);

/* A transient unit and its cgroup; one of that name that has failed makes room. */
const char *manager_start(const struct manager *manager, const char *unit,
			  const struct systemd_properties *properties,
			  struct arena *arena, struct error *err);

/* Until the unit ends. */
int manager_set(const struct manager *manager, const char *unit,
		const struct systemd_properties *properties, struct error *err);

int manager_attach(const struct manager *manager, const char *unit, pid_t pid,
		   struct error *err);

/* Ends a unit and forgets that it failed. One that is not there is fine. */
int manager_stop(const struct manager *manager, const char *unit, struct error *err);
