/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/arena.h"
#include "kernel/cgroup.h"
#include "kernel/cgroup_files.h"
#include "kernel/cgroup_v1.h"

static const char *unified_directory(const struct cgroup *cgroup, struct arena *arena)
{
	char buffer[CGROUP_DIRECTORY_MAX];

	return arena_format(
		arena, "%s",
		cgroup_directory(buffer, cgroup->unified_mount_point, cgroup->path));
}

static const char *v1_directory(const struct cgroup *cgroup,
				const struct cgroup_hierarchy *hierarchy,
				struct arena *arena)
{
	char buffer[CGROUP_DIRECTORY_MAX];

	return arena_format(arena, "%s", cgroup_v1_directory(buffer, cgroup, hierarchy));
}

size_t cgroup_tree_sources(const struct cgroup *cgroup, const char *type,
			   struct arena *arena,
			   struct cgroup_source sources[CGROUP_SOURCES_MAX])
{
	size_t count = 0;

	if (cgroup->layout == CGROUP_DISABLED)
		return 0;
	if (cgroup->layout == CGROUP_UNIFIED ||
	    (cgroup->layout == CGROUP_HYBRID && strcmp(type, "cgroup2") == 0)) {
		sources[0] =
			(struct cgroup_source){ NULL, unified_directory(cgroup, arena) };
		return 1;
	}
	for (size_t i = 0; i < cgroup->hierarchies_count; i++) {
		const struct cgroup_hierarchy *hierarchy = &cgroup->hierarchies[i];

		sources[count++] = (struct cgroup_source){
			strrchr(hierarchy->mount_point, '/') + 1,
			v1_directory(cgroup, hierarchy, arena),
		};
	}
	if (cgroup->layout == CGROUP_HYBRID)
		sources[count++] =
			(struct cgroup_source){ "unified",
						unified_directory(cgroup, arena) };
	return count;
}

const char *cgroup_freezer(const struct cgroup *cgroup, struct arena *arena)
{
	const struct cgroup_hierarchy *hierarchy;

	if (cgroup->layout == CGROUP_UNIFIED)
		return unified_directory(cgroup, arena);
	hierarchy = cgroup->layout == CGROUP_DISABLED
			    ? NULL
			    : cgroup_v1_hierarchy(cgroup, "freezer");
	return hierarchy == NULL ? NULL : v1_directory(cgroup, hierarchy, arena);
}
