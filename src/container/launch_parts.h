/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* launch_parts - what the files of launch share. */

#include <stdbool.h>

#include "base/arena.h"
#include "container/attempt.h"
#include "container/init.h"
#include "container/layers.h"
#include "container/seed.h"
#include "container/sync.h"
#include "kernel/cgroup_subgroup.h"
#include "kernel/namespaces.h"

/* Everything between the check and the running container; zero or -1 where nothing is. */
struct launch {
	const struct launch_request *request;
	const struct config *config;
	struct arena arena;
	struct attempt attempt;
	struct cgroup_subgroup subgroup;
	struct seed seed; /* in the unit of systemd's, until the child is */
	struct namespaces namespaces;
	struct layers_request layers_request;
	struct layers *layers;
	int console, pidfd_socket; /* connected sockets */
	int notify;                /* socket of notify.h */
	int sync;                  /* to the child */
	bool has_begun;            /* hooks have run, those of the end will */
	struct init init;          /* the child's view */
};

/* Into subgroup->path, what is asked for; pure. */
int launch_plan_subgroup(struct launch *launch, struct error *err);

/* launch_cgroup.c: makes the cgroup. Whoever finds the record from here on may kill what
 * is in it. */
int launch_make_cgroup(struct launch *launch, struct error *err);

/* launch_child.c: makes the child, in which it does not return. */
int launch_child(struct launch *launch, struct error *err);

/* While the child makes its root: limits, filter, the copy of the configuration, its pid
 * on record, and the hooks that come before the start. */
int launch_serve(struct launch *launch, int *master, struct error *err);

/* Hears the child until it waits to be started, or is the payload, or wants the hooks to
 * run. */
int launch_hear(const struct launch *launch, enum sync_type until, int *master,
		struct error *err);

/* The parts of launch_serve() that launch_restore() has too: the owner of the cgroup;
 * what is on record of the process; the hooks. */
int launch_give_cgroup(const struct launch *launch, struct error *err);
int launch_record(struct launch *launch, struct error *err);
int launch_run_hooks(struct launch *launch, struct error *err);

/* launch_restore.c: in the place of the process that would be made, criu.h makes those
 * again that `checkpoint` saved. */
int launch_check_restore(const struct launch *launch, struct error *err);
int launch_restore(struct launch *launch, int *master, struct error *err);
