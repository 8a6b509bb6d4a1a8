/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* subordinate_ids - the ids that the administrator gave to a user beside the own one:
 * /etc/subuid and /etc/subgid, subuid(5). From the files alone, as newuidmap(1) does
 * where nsswitch.conf(5) says nothing else. */

#include <stddef.h>

struct arena;
struct config_id_map;
struct id_maps;

/*
 * The caller's own id as 0 and the ranges of the file behind it, from 1 on, in the arena;
 * *count is 1 where there are none.
 */
const struct config_id_map *subordinate_ids_read(const char *file, unsigned own,
						 struct arena *arena, size_t *count);

/* The same of both files. */
void subordinate_ids_maps(struct id_maps *maps, struct arena *arena);
