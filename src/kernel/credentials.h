/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * credentials - process.user, umask and noNewPrivileges. Contract: credentials(7),
 * setgroups(2), prctl(2). The system calls are made for the calling thread, the
 * process has one.
 */

struct config_process;
struct error;

/* uid, gid and groups from 0 to 2^32-2, umask at most 0777. */
int credentials_check(const struct config_process *process, struct error *err);

enum credentials_flags {
	CREDENTIALS_KEEP_GROUPS = 1, /* the caller's, for run.oci.keep_original_groups */
};

/* groups, gid, uid, umask. */
int credentials_apply(const struct config_process *process, enum credentials_flags flags,
		      struct error *err);

/* noNewPrivileges; a thing of its own since a filter is loaded before or after it. */
int credentials_no_new_privileges(const struct config_process *process,
				  struct error *err);
