/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * affinity - which processors a process may run on: process.execCPUAffinity, and that of
 * the caller kept out; sched_setaffinity(2). All act on the calling process.
 */

struct config_affinity;
struct config_process;
struct error;

/* Both are lists as "0-3,7". */
int affinity_check(const struct config_process *process, struct error *err);

/* `initial`, before there is a process in the container's cgroup. affinity may be NULL.
 */
int affinity_begin(const struct config_affinity *affinity, struct error *err);

/* `final`, in the container's cgroup; nothing if only `initial` is given; all processors
 * of the cgroup if neither is: the caller's taskset(1) is not the container's. */
int affinity_end(const struct config_affinity *affinity, struct error *err);
