/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* recorded - from a record to the kernel objects that it names. */

struct arena;
struct cgroup;
struct error;
struct record;

/* The cgroup as it was created, CGROUP_DISABLED when there is none (yet). */
int recorded_cgroup(const struct record *record, struct arena *arena,
		    struct cgroup *cgroup, struct error *err);

/* An owned pidfd of the container process, or -1 and errno ESRCH when it has ended. */
int recorded_process(const struct record *record);

/* The root of the process, which only the process may have: rootfs_move(). *root:
 * an owned descriptor; err->code ESRCH when the process has ended. */
int recorded_root(const struct record *record, int pidfd, int *root, struct error *err);

/* Kills everything that runs in the container, and waits for nothing. */
int recorded_kill(const struct record *record, const struct cgroup *cgroup,
		  struct error *err);

/* Ends everything that runs in the container, removes its cgroup, and waits until the
 * container process has ended. Done already is success. */
int recorded_end(const struct record *record, const struct cgroup *cgroup,
		 struct error *err);
