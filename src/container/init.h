/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * init - the container process between clone3() and the payload: the launcher's child
 * makes the container around itself.
 */

#include <stdbool.h>

#include "base/arena.h"
#include "container/process.h"

struct cgroup;
struct cgroup_subgroup;
struct launch_request;
struct layers;
struct layers_request;
struct mounts;
struct namespaces;
struct record;

/* What the child finds when it begins; descriptors of files of the host are closed on the
 * way. */
struct init {
	const struct launch_request *request;
	const struct namespaces *namespaces;
	const struct cgroup *cgroup;
	const struct cgroup_subgroup *subgroup;
	const struct layers *layers; /* NULL: root.path is the root */
	const struct layers_request *layers_request;
	const struct record *record; /* for hooks */
	bool may_go;                 /* SYNC_GO was heard */
	int sync;                    /* to the launcher */
	int start, answer;           /* FIFOs of start.h, or -1 */
	int console;                 /* connected console socket, or -1 */

	/* filled by the steps */
	struct arena arena;
	struct mounts *mounts;
	int null, tree, notify; /* notify: the mount of notify.h */
	struct process process;
};

/*
 * init_sources.c: opens the sources of the mounts and the root. In the launcher, when a
 * user namespace will keep the child from it, with init_close() once the child has them;
 * else in the child.
 */
int init_open(struct init *init, struct error *err);
void init_close(struct init *init);

/* In the process between the launcher and the child (clone_through()): what takes
 * the host's root, and all namespaces that are not made with the child. */
int init_pass(void *init, struct error *err);

/* Runs the steps, waits as asked, becomes the payload. Failures are told to the launcher.
 */
_Noreturn void init_run(struct init *init);
