/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * criu_mounts - the mounts of a container that criu cannot make again by itself, since
 * what is mounted there is the host's: volumes, masks, bound devices, cgroups. They go by
 * the name that the configuration has for their place, so that those of another bundle,
 * or of another host, can take it.
 */

#include <sys/types.h>

struct cgroup;
struct config;
struct error;
struct text;

struct criu_mounts {
	const struct config *config;
	const char *bundle_path;
	const struct cgroup *cgroup;
	const char *notify; /* directory of notify.h on the host */
};

/* For a dump: those that the process has, at the places that their names lead to in its
 * root. Adds to a criu_opts. */
int criu_mounts_dump(const struct criu_mounts *mounts, pid_t pid, struct text *options,
		     struct error *err);

/* For a restore: where each comes from. What the images know nothing of is left out by
 * criu. */
void criu_mounts_restore(const struct criu_mounts *mounts, struct text *options);
