/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * id_maps - ranges of user and group ids, and the user namespace that has them.
 * Contract: user_namespaces(7), newuidmap(1), newgidmap(1); config-linux.md "User
 * namespace mappings".
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct config_id_map;
struct error;

struct id_maps {
	const struct config_id_map *uid, *gid;
	size_t uid_count, gid_count;
};

/* Both or neither, not more ranges than the kernel takes (340), none that overlaps
 * another inside or on the host. Pure. err->where is "uidMappings[N]" or "gidMappings".
 */
int id_maps_check(const struct id_maps *maps, struct error *err);

/*
 * crun's text of the option idmap=: "uids=0-1000-10#10-2000-1;gids=…", each range
 * CONTAINER-HOST-SIZE; with '@' before it the host's ids are those of the container's
 * user namespace, which has the maps `outer`. Pure; the lists are in the arena.
 */
int id_maps_parse(struct id_maps *maps, const char *text, const struct id_maps *outer,
		  struct arena *arena, struct error *err);

/* The host's id of one inside; false: it has none. Pure. */
bool id_maps_to_host(const struct config_id_map *ranges, size_t count, uint64_t id,
		     uint64_t *host);

/* The other way round. Pure. */
bool id_maps_to_inside(const struct config_id_map *ranges, size_t count, uint64_t host,
		       uint64_t *id);

/*
 * A new user namespace with these maps that nothing runs in: an owned descriptor, or -1.
 * Whoever may not write maps of several ids has newuidmap(1) and newgidmap(1) do it,
 * which must be in PATH; a map of the caller's own id alone needs nobody, and then
 * setgroups(2) is denied in it.
 */
int id_maps_namespace(const struct id_maps *maps, struct error *err);

/* Shifts the ids of a detached clone by the namespace's map: Linux 5.12,
 * MOUNT_ATTR_IDMAP of mount_setattr(2). flags: 0, or AT_RECURSIVE for all below. */
int id_maps_set(int tree, unsigned flags, int namespace, struct error *err);
