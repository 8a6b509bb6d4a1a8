/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cgroup_stats - what a container has used, out of the files of its cgroup, as the JSON
 * that runc's `events` prints (its types/events.go): the members cpu, cpuset, memory,
 * pids, blkio and hugetlb.
 *
 * A controller that v1 has is read there, any other on v2. What a kernel or a host has
 * not is zero, or left out where runc leaves out a zero. Contract: cgroup-v2.rst,
 * Documentation/admin-guide/cgroup-v1/, Documentation/accounting/psi.rst.
 */

struct cgroup;
struct error;
struct json_writer;

/* Puts the members into the object that is open. After an error the document is of no
 * use. */
int cgroup_stats_put(const struct cgroup *cgroup, struct json_writer *json,
		     struct error *err);
