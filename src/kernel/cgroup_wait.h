/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* cgroup_wait - waiting for a cgroup, by events and with a deadline. */

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct error;

enum { CGROUP_PATIENCE = 10 * 1000 }; /* milliseconds */

/* The moment when patience ends, on the monotonic clock in milliseconds. */
int64_t cgroup_deadline(void);

/* 0 and errno ETIMEDOUT, or the milliseconds that are left. */
int cgroup_time_left(int64_t deadline);

/*
 * Waits until cgroup.events of the v2 directory has the line, as "populated 0": 0, also
 * when the cgroup is gone. -1 and errno: ETIMEDOUT after the deadline.
 */
int cgroup_wait_event(const char *directory, const char *line, int64_t deadline);

/* Sends the signal to each of the pids and, for SIGKILL, waits until these processes have
 * ended. A pid that is not there is fine. -1 and errno. */
int cgroup_kill_pids(const pid_t *pids, size_t count, int signal);
int cgroup_kill_pids_wait(const pid_t *pids, size_t count, int64_t deadline);

/*
 * For what the kernel tells nobody about: a v1 freezer that goes from FREEZING to
 * FROZEN, and the moment between the end of a process and its leaving a v1 cgroup.
 * Lets others run for *delay microseconds and doubles it, up to 10 ms; -1 and ETIMEDOUT
 * after the deadline.
 */
int cgroup_wait_silent(int64_t deadline, int64_t *delay);
