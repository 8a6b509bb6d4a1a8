/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* enter_parts - what the files of enter share: enter.c is the caller's part,
 * enter_child.c that of the new process until it is the payload. */

#include <sys/types.h>

#include "base/arena.h"
#include "container/enter.h"
#include "container/process.h"
#include "container/record.h"
#include "kernel/cgroup.h"

struct config_linux;
struct error;
struct registry;
struct seccomp_program;

struct entry {
	const struct registry *registry;
	const struct enter_request *request;
	struct arena arena;
	struct record record;
	struct cgroup cgroup; /* where it goes */
	struct seccomp_program *program;
	int init;    /* pidfd of the container's first process */
	int root;    /* its root, where its mount namespace has it not; or -1 */
	int console; /* connected console socket, or -1 */
	int sync, child_sync;
	int pidfd; /* of the new process */
	struct process process;
};

const struct config_linux *enter_linux(const struct entry *entry);

/* Makes the process. In it, this does not return; in the caller it returns the pid. */
pid_t enter_clone(struct entry *entry, struct error *err);
