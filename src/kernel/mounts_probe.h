/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* mounts_probe - whether the ids of the file systems of this host can be mapped, for
 * `features`. Contract: mount_setattr(2) "ID-mapped mounts", proc_pid_mountinfo(5). */

#include <stdbool.h>
#include <stddef.h>

struct arena;

struct mounts_probe {
	const char *type; /* "ext4"; each once */
	bool maps_ids;
};

/*
 * Of the types that are mounted here, by trying it on a clone of one mount of each: the
 * answer is the kernel's, and a list of types would be out of date. Who may not map
 * those, an ordinary user, gets none. The strings are in the arena.
 */
const struct mounts_probe *mounts_probe(struct arena *arena, size_t *count);
