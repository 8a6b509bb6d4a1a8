/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/path.h"
#include "kernel/cgroup.h"
#include "kernel/cgroup_files.h"
#include "oci/config.h"
#include "oci/json.h"

/*
 * cgroups(7) "Cgroups delegation: delegating a hierarchy to a less privileged user": the
 * directory and its cgroup.procs are the user's. A process may move between two cgroups
 * when cgroup.procs of their common ancestor may be written too, and an inner cgroup with
 * processes cannot hand controllers on: therefore beside our own one first.
 */
static bool is_ours(const struct cgroup *cgroup, const char *path)
{
	char directory[CGROUP_DIRECTORY_MAX];
	size_t length;

	if (strlen(path) >= CGROUP_PATH_MAX)
		return false;
	(void)cgroup_directory(directory, cgroup->unified_mount_point, path);
	if (access(directory, W_OK) < 0)
		return false;
	length = strlen(directory);
	if (length + sizeof("/cgroup.procs") > sizeof(directory))
		return false;
	memcpy(directory + length, "/cgroup.procs", sizeof("/cgroup.procs"));
	return access(directory, W_OK) == 0;
}

void cgroup_delegate(struct cgroup *cgroup)
{
	cgroup->is_delegated = true;
	cgroup->hierarchies_count = 0;
	cgroup->components_found =
		cgroup_components_existing(cgroup->unified_mount_point, cgroup->path);
}

static const char *place(const struct cgroup *cgroup, struct arena *arena, const char *id)
{
	const char *own = cgroup->path;
	const char *parent = path_clean(arena, arena_format(arena, "%s/..", own));

	if (is_ours(cgroup, parent))
		return path_clean(arena, arena_format(arena, "%s/%s", parent, id));
	if (is_ours(cgroup, own))
		return path_clean(arena, arena_format(arena, "%s/%s", own, id));
	return NULL;
}

int cgroup_find_delegated(struct cgroup *cgroup, struct arena *arena, const char *id,
			  const char **path, struct error *err)
{
	*path = NULL;
	if (cgroup_find(cgroup, arena, "/", err) < 0)
		return -1;
	if (cgroup->unified_mount_point != NULL) {
		if (cgroup_of(cgroup, arena, getpid(), err) < 0)
			return -1;
		*path = place(cgroup, arena, id);
	}
	if (*path == NULL) {
		*cgroup = (struct cgroup){ .layout = CGROUP_DISABLED };
		return 0;
	}
	if (cgroup_find(cgroup, arena, *path, err) < 0)
		return -1;
	cgroup_delegate(cgroup);
	return 0;
}

static int refuse(struct error *err, const char *member)
{
	(void)error_set(err, 0, "no cgroup is the caller's to set limits in");
	(void)error_hint(err, "try 'systemd-run --user --scope -p Delegate=yes …'");
	return error_at(err, "linux.resources.%s", member);
}

int cgroup_check_none(const struct config_resources *resources, struct error *err)
{
	if (resources == NULL)
		return 0;
	if (resources->memory != NULL)
		return refuse(err, "memory");
	if (resources->cpu != NULL)
		return refuse(err, "cpu");
	if (resources->pids != NULL)
		return refuse(err, "pids");
	if (resources->block_io != NULL)
		return refuse(err, "blockIO");
	if (resources->hugepage_limits_count > 0)
		return refuse(err, "hugepageLimits");
	if (resources->network != NULL)
		return refuse(err, "network");
	if (resources->rdma_count > 0)
		return refuse(err, "rdma");
	if (resources->unified != NULL && resources->unified->count > 0)
		return refuse(err, "unified");
	return 0;
}
