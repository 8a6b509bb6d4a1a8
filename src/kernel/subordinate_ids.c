/* SPDX-License-Identifier: Apache-2.0 */
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/parse.h"
#include "kernel/id_maps.h"
#include "kernel/subordinate_ids.h"
#include "oci/config.h"

enum { RANGES_MAX = 64, LINE_MAX_BYTES = 512 };

/* The name is looked up in the file alone: name services are libraries that a static
 * program cannot load. */
static bool has_name(const char *name)
{
	auto_file FILE *file = fopen("/etc/passwd", "re");
	struct passwd *entry;
	uint64_t uid;

	if (parse_uint(name, UINT32_MAX, &uid))
		return uid == geteuid();
	while (file != NULL && (entry = fgetpwent(file)) != NULL) {
		if (entry->pw_uid == geteuid() && strcmp(entry->pw_name, name) == 0)
			return true;
	}
	return false;
}

/* "NAME:FIRST:COUNT" */
static bool read_range(char *line, struct config_id_map *range)
{
	const char *name, *first, *count;
	uint64_t host, size;

	line[strcspn(line, "\n")] = '\0';
	name = strsep(&line, ":");
	first = strsep(&line, ":");
	count = strsep(&line, ":");
	if (count == NULL || !parse_uint(first, UINT32_MAX, &host) ||
	    !parse_uint(count, UINT32_MAX, &size) || size == 0 || !has_name(name))
		return false;
	range->host_id = host;
	range->size = size;
	return true;
}

const struct config_id_map *subordinate_ids_read(const char *path, unsigned own,
						 struct arena *arena, size_t *count)
{
	struct config_id_map *ranges = arena_alloc(arena, RANGES_MAX, sizeof(*ranges));
	auto_file FILE *file = fopen(path, "re");
	char line[LINE_MAX_BYTES];

	ranges[0] = (struct config_id_map){ .host_id = own, .size = 1 };
	*count = 1;
	while (file != NULL && *count < RANGES_MAX &&
	       fgets(line, sizeof(line), file) != NULL) {
		const struct config_id_map *before = &ranges[*count - 1];

		ranges[*count].container_id = before->container_id + before->size;
		if (read_range(line, &ranges[*count]))
			(*count)++;
	}
	return ranges;
}

void subordinate_ids_maps(struct id_maps *maps, struct arena *arena)
{
	maps->uid =
		subordinate_ids_read("/etc/subuid", geteuid(), arena, &maps->uid_count);
	maps->gid =
		subordinate_ids_read("/etc/subgid", getegid(), arena, &maps->gid_count);
}
