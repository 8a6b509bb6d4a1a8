/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * inside_ids - what a container with a user namespace wrote has ids of the host; in an
 * archive belong those that it sees itself. Owners, the ids in POSIX ACLs, and the root
 * of file capabilities (capabilities(7), "Namespaced file capabilities").
 */

#include <stdbool.h>
#include <stddef.h>

#include "kernel/id_maps.h"

struct error;
struct stat;

struct inside_ids {
	struct id_maps maps; /* no ranges: the ids are those of the host */
	/* We are in the namespace, where the kernel shows ids from inside, and 65534
	 * (/proc/sys/kernel/overflowuid) for one that it lacks. */
	bool is_inside;
	int namespace; /* with these maps, for mounts; -1: none */
};

/* The owner in *status becomes that seen inside. path: for the message. */
int inside_ids_owner(const struct inside_ids *ids, struct stat *status, const char *path,
		     struct error *err);

/* The same for the ids in the value of an attribute, which may become shorter. */
int inside_ids_xattr(const struct inside_ids *ids, const char *name, void *value,
		     size_t *size, struct error *err);
