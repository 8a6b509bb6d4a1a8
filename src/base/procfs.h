/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * procfs - files of /proc by the descriptor of a /proc that is to be trusted, the host's;
 * the container's own may be anything, and be exchanged while we look (CVE-2019-16884,
 * CVE-2025-52881).
 */

struct error;

/* The descriptor (O_PATH, owned) of /proc as it is now, and it is a procfs; or -1. */
int procfs_open(struct error *err);

/* One write() of a value to the file at the path below it, of which no component is a
 * link. */
int procfs_write(int procfd, const char *path, const char *value, struct error *err);

/* The same for a path below /proc/thread-self, the calling thread. */
int procfs_write_self(int procfd, const char *path, const char *value, struct error *err);
