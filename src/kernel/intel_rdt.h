/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * intel_rdt - linux.intelRdt: the container's class of service (shares of cache and
 * memory bandwidth) and monitoring group. Contract: config-linux.md,
 * Documentation/filesystems/resctrl.rst.
 */

#include <stdbool.h>
#include <sys/types.h>

struct arena;
struct config_intel_rdt;
struct error;

/* Directories of the resctrl file system; all NULL: none are asked for. */
struct intel_rdt {
	const char *root;    /* where it is mounted; of use until they are made */
	const char *group;   /* the class: `root` itself, or below it */
	const char *monitor; /* the container's own group in that, or NULL */
	bool made;           /* the class goes with the container */
};

/* What holds on every host; config may be NULL. Pure. */
int intel_rdt_check(const struct config_intel_rdt *config, struct error *err);

/* Where resctrl is mounted, else NULL with the reason. */
const char *intel_rdt_root(struct arena *arena, struct error *err);

/* Fills all but rdt->root, which is given, with what the container of that id is going to
 * use. A class that is not there yet is `made`, as long as its making may break off. */
int intel_rdt_plan(const struct config_intel_rdt *config, const char *id,
		   struct arena *arena, struct intel_rdt *rdt, struct error *err);

/* Makes the directories and writes the shares. From then on only a class without closID
 * is `made`, and none that somebody else has made meanwhile. */
int intel_rdt_create(const struct config_intel_rdt *config, struct intel_rdt *rdt,
		     struct error *err);

/* Gives the class of a living container the shares of the configuration; rdt->root is
 * given as well. */
int intel_rdt_update(const struct config_intel_rdt *config, const struct intel_rdt *rdt,
		     struct error *err);

/* Puts a process there, 0 for the calling one, with what it forks from now on. One that
 * has ended is no error, nor are directories that the host has taken away since. */
int intel_rdt_join(const struct intel_rdt *rdt, pid_t pid, struct error *err);

/* Takes away what is the container's own; done already is success. */
int intel_rdt_remove(const struct intel_rdt *rdt, struct error *err);
