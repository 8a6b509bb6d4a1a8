/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cgroup_oom - being told when a container ran out of memory. Contract: v1: an eventfd(2)
 * by cgroup.event_control, Documentation/admin-guide/cgroup-v1/memory.rst, "OOM Control";
 * v2: POLLPRI on memory.events, whose oom_kill grows, cgroup-v2.rst.
 */

#include <stdbool.h>
#include <stdint.h>

struct cgroup;
struct error;

struct cgroup_oom {
	int fd;         /* to poll(2); -1: nothing tells, or nothing any more */
	short events;   /* for what */
	int directory;  /* v1: where the cgroup was */
	uint64_t kills; /* v2: as many as were told */
};

#define auto_cgroup_oom __attribute__((cleanup(cgroup_oom_release)))
#define CGROUP_OOM_NONE                   \
	{                                 \
		.fd = -1, .directory = -1 \
	}

/* *oom is CGROUP_OOM_NONE before, and stays so where there is no memory controller. */
int cgroup_oom_open(const struct cgroup *cgroup, struct cgroup_oom *oom,
		    struct error *err);

/* Whether it happened since the last call, or since it was opened. Never waits; after it
 * fd may be -1, as the cgroup is gone. */
bool cgroup_oom_happened(struct cgroup_oom *oom);

void cgroup_oom_release(struct cgroup_oom *oom);
