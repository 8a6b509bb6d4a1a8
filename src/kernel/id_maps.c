/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/parse.h"
#include "kernel/id_maps.h"
#include "oci/config.h"

enum { RANGES_MAX = 340 }; /* UID_GID_MAP_MAX_EXTENTS, include/linux/user_namespace.h */

static bool overlap(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
	return a < b + b_size && b < a + a_size;
}

static int check_range(const struct config_id_map *ranges, size_t index,
		       struct error *err)
{
	const struct config_id_map *range = &ranges[index];

	if (range->container_id + range->size > UINT32_MAX ||
	    range->host_id + range->size > UINT32_MAX)
		return error_set(err, 0, "the range ends above 4294967294");
	for (size_t i = 0; i < index; i++) {
		if (overlap(range->container_id, range->size, ranges[i].container_id,
			    ranges[i].size))
			return error_set(err, 0, "ids inside are those of range %zu too",
					 i);
		if (overlap(range->host_id, range->size, ranges[i].host_id,
			    ranges[i].size))
			return error_set(err, 0,
					 "ids of the host are those of range %zu too", i);
	}
	return 0;
}

static int check_ranges(const struct config_id_map *ranges, size_t count,
			const char *member, struct error *err)
{
	if (count > RANGES_MAX) {
		(void)error_set(err, 0, "more than the %d ranges that the kernel takes",
				RANGES_MAX);
		return error_at(err, "%s", member);
	}
	for (size_t i = 0; i < count; i++) {
		if (check_range(ranges, i, err) < 0)
			return error_at(err, "%s[%zu]", member, i);
	}
	return 0;
}

int id_maps_check(const struct id_maps *maps, struct error *err)
{
	if ((maps->uid_count == 0) != (maps->gid_count == 0)) {
		(void)error_set(err, 0,
				"missing: ids of users and of groups go together");
		return error_at(err,
				maps->uid_count == 0 ? "uidMappings" : "gidMappings");
	}
	if (check_ranges(maps->uid, maps->uid_count, "uidMappings", err) < 0)
		return -1;
	return check_ranges(maps->gid, maps->gid_count, "gidMappings", err);
}

bool id_maps_to_host(const struct config_id_map *ranges, size_t count, uint64_t id,
		     uint64_t *host)
{
	for (size_t i = 0; i < count; i++) {
		if (id < ranges[i].container_id ||
		    id - ranges[i].container_id >= ranges[i].size)
			continue;
		*host = ranges[i].host_id + (id - ranges[i].container_id);
		return true;
	}
	return false;
}

bool id_maps_to_inside(const struct config_id_map *ranges, size_t count, uint64_t host,
		       uint64_t *id)
{
	for (size_t i = 0; i < count; i++) {
		if (host < ranges[i].host_id ||
		    host - ranges[i].host_id >= ranges[i].size)
			continue;
		*id = ranges[i].container_id + (host - ranges[i].host_id);
		return true;
	}
	return false;
}

/* From the container's ids to the host's, which lie side by side there. */
static int look_up(const struct config_id_map *outer, size_t count,
		   struct config_id_map *range, struct error *err)
{
	uint64_t first, last;

	if (id_maps_to_host(outer, count, range->host_id, &first) &&
	    id_maps_to_host(outer, count, range->host_id + range->size - 1, &last) &&
	    last - first == range->size - 1) {
		range->host_id = first;
		return 0;
	}
	return error_set(err, 0, "the container has no ids %" PRIu64 " to %" PRIu64,
			 range->host_id, range->host_id + range->size - 1);
}

/* Digits up to `end`, which is taken as well. */
static bool take_number(char **text, char end, uint64_t *number)
{
	char *stop = strchr(*text, end);

	if (stop == NULL)
		return false;
	*stop = '\0';
	if (!parse_uint(*text, UINT32_MAX, number))
		return false;
	*text = stop + 1;
	return true;
}

static int parse_range(char *text, struct config_id_map *range, struct error *err)
{
	char *rest = text;

	if (take_number(&rest, '-', &range->container_id) &&
	    take_number(&rest, '-', &range->host_id) &&
	    parse_uint(rest, UINT32_MAX, &range->size) && range->size > 0)
		return 0;
	return error_set(err, 0, "a range is CONTAINER-HOST-SIZE, as 0-100000-65536");
}

static struct config_id_map *parse_ranges(char *text, const struct config_id_map *outer,
					  size_t outer_count, struct arena *arena,
					  size_t *count, struct error *err)
{
	struct config_id_map *ranges =
		arena_alloc(arena, strlen(text) + 1, sizeof(*ranges));
	char *state = NULL;

	*count = 0;
	for (char *one = strtok_r(text, "#", &state); one != NULL;
	     one = strtok_r(NULL, "#", &state)) {
		struct config_id_map *range = &ranges[(*count)++];
		bool is_inner = one[0] == '@';

		if (parse_range(one + is_inner, range, err) < 0 ||
		    (is_inner && look_up(outer, outer_count, range, err) < 0))
			return NULL;
	}
	return ranges;
}

int id_maps_parse(struct id_maps *maps, const char *text, const struct id_maps *outer,
		  struct arena *arena, struct error *err)
{
	char *copy = arena_format(arena, "%s", text), *state = NULL;

	*maps = (struct id_maps){ 0 };
	for (char *one = strtok_r(copy, ";", &state); one != NULL;
	     one = strtok_r(NULL, ";", &state)) {
		if (strncmp(one, "uids=", 5) == 0)
			maps->uid = parse_ranges(one + 5, outer->uid, outer->uid_count,
						 arena, &maps->uid_count, err);
		else if (strncmp(one, "gids=", 5) == 0)
			maps->gid = parse_ranges(one + 5, outer->gid, outer->gid_count,
						 arena, &maps->gid_count, err);
		else
			return error_set(err, 0, "'%s' is neither 'uids=' nor 'gids='",
					 one);
		if ((one[0] == 'u' ? maps->uid : maps->gid) == NULL)
			return -1;
	}
	if (id_maps_check(maps, err) == 0)
		return 0;
	err->where[0] = '\0'; /* it is a text here */
	return -1;
}
