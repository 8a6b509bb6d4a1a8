/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/path.h"
#include "kernel/cgroup.h"
#include "kernel/cgroup_below.h"
#include "kernel/cgroup_v1.h"

static const char *path_below(const struct cgroup *cgroup, struct arena *arena,
			      const char *path, struct error *err)
{
	const char *whole = arena_format(arena, "%s/%s", cgroup->path, path);

	return cgroup_check_path(whole, err) < 0 ? NULL : path_clean(arena, whole);
}

static int set_hierarchy(struct cgroup *cgroup, const char *controller, const char *path,
			 struct error *err)
{
	const struct cgroup_hierarchy *found = cgroup_v1_hierarchy(cgroup, controller);
	const char **set;

	if (found == NULL) {
		(void)error_set(err, 0, "unknown controller '%s'", controller);
		return error_hint(err, "here cgroup v2 has it, or nothing: for cgroup v2 "
				       "give the path alone");
	}
	set = &cgroup->hierarchies[found - cgroup->hierarchies].path;
	if (*set != NULL && strcmp(*set, path) != 0)
		return error_set(err, 0, "two cgroups for '%s'", found->controllers);
	*set = path;
	return 0;
}

static int set_hierarchies(struct cgroup *cgroup, struct arena *arena, const char *word,
			   struct error *err)
{
	const char *colon = strchr(word, ':'), *path;

	if (colon == NULL) {
		(void)error_set(err, 0, "'%s' names no controller", word);
		return error_hint(err,
				  "several have to: CONTROLLER[,CONTROLLER]...:PATH");
	}
	path = path_below(cgroup, arena, colon + 1, err);
	if (path == NULL)
		return -1;
	do {
		size_t length = strcspn(word, ",:");

		if (set_hierarchy(cgroup, arena_text(arena, word, length), path, err) < 0)
			return -1;
		word += length;
	} while (*word++ == ',');
	return 0;
}

int cgroup_below(struct cgroup *cgroup, struct arena *arena, const char *const *wanted,
		 struct error *err)
{
	if (cgroup->layout == CGROUP_DISABLED)
		return error_set(err, 0, "the container has no cgroup of its own");
	if (wanted[1] == NULL && strchr(wanted[0], ':') == NULL) {
		const char *path = path_below(cgroup, arena, wanted[0], err);

		if (path == NULL)
			return -1;
		cgroup->path = path;
		return 0;
	}
	for (; *wanted != NULL; wanted++) {
		if (set_hierarchies(cgroup, arena, *wanted, err) < 0)
			return -1;
	}
	return 0;
}
