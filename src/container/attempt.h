/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attempt - what a launch has made so far, and its undoing when the launch fails. All of
 * it is recorded before it is made, so that `delete --force` can do the same after a kill
 * -9.
 */

#include <stdbool.h>

#include "container/record.h"
#include "container/registry.h"
#include "kernel/cgroup.h"

struct attempt {
	struct registry registry;
	const char *id;       /* reserved in the registry once entryfd is there */
	int entryfd;          /* -1: nothing was made */
	struct record record; /* as it was last saved */
	struct cgroup cgroup;
	bool cgroup_made; /* and may be removed with what is in it */
	int pidfd;        /* of the container process, or -1 */
	bool kept;        /* success: release leaves everything in place */
};

#define auto_attempt __attribute__((cleanup(attempt_release)))

/* Backwards: process, cgroup, classes, layers, registry entry; stops where something
 * cannot be removed, so that what is left stays recorded. */
void attempt_release(struct attempt *attempt);
