/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* clone - the process that becomes the container's: straight, or by way of another. */

#include <stdint.h>
#include <sys/types.h>

struct cgroup;
struct error;

/*
 * clone3(2) into the cgroup with the CLONE_NEW… flags, nobody inside able to look into
 * the child before it is the payload. Its pid, and an owned *pidfd; 0 in the child.
 */
pid_t clone_straight(const struct cgroup *cgroup, uint64_t namespaces, int *pidfd,
		     struct error *err);

/*
 * The same by way of a process between, for namespaces that their maker has to be in: it
 * is in the cgroup, runs enter(), which may join and drop what the caller keeps, and
 * clones the child with CLONE_PARENT, so that the caller may wait for it.
 */
struct clone_passage {
	const struct cgroup *cgroup;
	uint64_t namespaces;
	/* Moves the process between, which calls it, into the cgroup where the kernel
	 * does not let the caller clone it there; NULL: then it is an error. */
	int (*attach)(void *context, struct error *err);
	int (*enter)(void *context, struct error *err);
	void *context;
};
pid_t clone_through(const struct clone_passage *passage, int *pidfd, struct error *err);
