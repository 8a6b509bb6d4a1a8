/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* machine - what a container could leave behind, as text that can be compared. */

#include <stdbool.h>
#include <stddef.h>

struct machine {
	const char *root, *data_root; /* directories of this test alone */
	const char *cgroup; /* the container's cgroup is this path in every hierarchy */
	const char *output; /* directory that commit writes to */
};

/* Mounts, the files below root, data_root and output, the cgroups; malloc'd. */
char *machine_look(const struct machine *machine);

/* Ends the processes that became ours (we are a subreaper): how many of them still ran.
 */
int machine_reap(void);

/* Whether a hierarchy has the cgroup frozen, once the guardians have done their work. */
bool machine_frozen(const struct machine *machine);

/* The first line of after that is not in before, or the reverse; NULL: equal. Static. */
const char *machine_difference(const char *before, const char *after);
