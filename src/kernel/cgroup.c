/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/magic.h>
#include <signal.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/path.h"
#include "base/text.h"
#include "kernel/cgroup.h"
#include "kernel/cgroup_devices.h"
#include "kernel/cgroup_files.h"
#include "kernel/cgroup_resources.h"
#include "kernel/cgroup_v1.h"
#include "kernel/cgroup_v2.h"
#include "kernel/cgroup_wait.h"
#include "oci/config.h"

static const char top[] = "/sys/fs/cgroup";

static bool has_component(const char *path, const char *name)
{
	size_t length = strlen(name);

	while (*path != '\0') {
		size_t span = strcspn(path, "/");

		if (span == length && memcmp(path, name, length) == 0)
			return true;
		path += span;
		path += *path == '/';
	}
	return false;
}

static bool has_control_character(const char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text < ' ' || *text == 127)
			return true;
	}
	return false;
}

int cgroup_check_path(const char *path, struct error *err)
{
	if (has_control_character(path))
		return error_set(err, 0, "a control character in the cgroup path");
	if (has_component(path, ".."))
		return error_set(err, 0, "'..' in the cgroup path '%.256s'", path);
	if (strlen(path) >= CGROUP_PATH_MAX)
		return error_set(err, 0, "a cgroup path longer than %d bytes",
				 CGROUP_PATH_MAX - 1);
	if (path[strspn(path, "/.")] == '\0')
		return error_set(err, 0, "'%s' is the root of the cgroups", path);
	return 0;
}

const char *cgroup_path(struct arena *arena, const char *cgroups_path, const char *id,
			struct error *err)
{
	/* Managers write "" for a path that is up to us. */
	if (cgroups_path == NULL || cgroups_path[0] == '\0')
		return arena_format(arena, "/%s", id);
	if (cgroup_check_path(cgroups_path, err) < 0) {
		(void)error_at(err, "linux.cgroupsPath");
		return NULL;
	}
	return path_clean(arena, cgroups_path);
}

/* 1 or 0; a mistake here would leave a whole hierarchy out, and its cgroups behind. */
static int is_mounted_v2(const char *path, struct error *err)
{
	struct statfs status;

	if (statfs(path, &status) < 0)
		return errno == ENOENT
			       ? 0
			       : error_set(err, errno, "cannot look at '%s'", path);
	return status.f_type == CGROUP2_SUPER_MAGIC;
}

static int find_mixed(struct cgroup *found, struct arena *arena, struct error *err)
{
	int mounted = is_mounted_v2("/sys/fs/cgroup/unified", err);
	size_t existing;

	if (mounted < 0 || cgroup_v1_find(found, arena, err) < 0)
		return -1;
	found->components_found = cgroup_v1_components_existing(found);
	if (mounted > 0) {
		found->layout = CGROUP_HYBRID;
		found->unified_mount_point = "/sys/fs/cgroup/unified";
		existing = cgroup_components_existing(found->unified_mount_point,
						      found->path);
		found->unified_found = existing == cgroup_components(found->path);
		if (existing < found->components_found)
			found->components_found = existing;
		return 0;
	}
	found->layout = CGROUP_LEGACY;
	if (found->hierarchies_count > 0)
		return 0;
	(void)error_set(err, 0, "no cgroup file system is mounted at '%s'", top);
	return error_hint(err, "--cgroup-manager disabled does without");
}

int cgroup_find(struct cgroup *cgroup, struct arena *arena, const char *path,
		struct error *err)
{
	struct cgroup found = { .path = path };
	int mounted = is_mounted_v2(top, err);

	if (mounted < 0)
		return -1;
	if (mounted > 0) {
		found.layout = CGROUP_UNIFIED;
		found.unified_mount_point = top;
		found.components_found = cgroup_components_existing(top, path);
		found.unified_found = found.components_found == cgroup_components(path);
	} else if (find_mixed(&found, arena, err) < 0) {
		return -1;
	}
	*cgroup = found;
	return 0;
}

static bool has_v2(const struct cgroup *cgroup)
{
	return cgroup->unified_mount_point != NULL;
}

static int check_unused(const struct cgroup *cgroup, struct error *err)
{
	/* The common case, a new cgroup right below the root, costs nothing. */
	if (has_v2(cgroup) &&
	    (cgroup->layout == CGROUP_HYBRID || cgroup->components_found > 0) &&
	    cgroup_v2_check_unused(cgroup, err) < 0)
		return -1;
	return cgroup_v1_check_unused(cgroup, err);
}

int cgroup_check(const struct cgroup *cgroup, const struct config_resources *resources,
		 struct error *err)
{
	if (cgroup->layout == CGROUP_DISABLED)
		return 0;
	if (check_unused(cgroup, err) < 0)
		return error_at(err, "linux.cgroupsPath");
	return cgroup_check_resources(cgroup, resources, err);
}

int cgroup_check_resources(const struct cgroup *cgroup,
			   const struct config_resources *resources, struct error *err)
{
	if (cgroup->layout == CGROUP_DISABLED || resources == NULL)
		return 0;
	if (cgroup_resources_check(cgroup, resources, err) < 0 ||
	    cgroup_devices_check(cgroup, resources, err) < 0)
		return error_at(err, "linux.resources");
	return 0;
}

int cgroup_open(const struct cgroup *cgroup, int *fd, struct error *err)
{
	*fd = -1;
	return has_v2(cgroup) ? cgroup_v2_open(cgroup, fd, err) : 0;
}

int cgroup_join(const struct cgroup *cgroup, pid_t pid, struct error *err)
{
	return cgroup_v1_join(cgroup, pid, err);
}

int cgroup_apply(const struct cgroup *cgroup, const struct config_resources *resources,
		 struct error *err)
{
	if (cgroup->layout == CGROUP_DISABLED)
		return 0;
	if ((resources != NULL && cgroup_resources_apply(cgroup, resources, err) < 0) ||
	    (!cgroup->is_delegated && cgroup_devices_apply(cgroup, resources, err) < 0))
		return err->where[0] == '\0' ? -1 : error_at(err, "linux.resources");
	return 0;
}

int cgroup_update(const struct cgroup *cgroup, const struct config_resources *resources,
		  struct error *err)
{
	if (cgroup->layout == CGROUP_DISABLED)
		return 0;
	if (cgroup_resources_apply(cgroup, resources, err) < 0 ||
	    (resources->devices_count > 0 && !cgroup->is_delegated &&
	     cgroup_devices_apply(cgroup, resources, err) < 0))
		return err->where[0] == '\0' ? -1 : error_at(err, "linux.resources");
	return 0;
}

int cgroup_frozen(const struct cgroup *cgroup, struct error *err)
{
	int frozen = has_v2(cgroup) ? cgroup_v2_frozen(cgroup, err) : 0;

	return frozen != 0 ? frozen : cgroup_v1_frozen(cgroup, err);
}

int cgroup_freeze(const struct cgroup *cgroup, struct error *err)
{
	if (cgroup->layout == CGROUP_DISABLED)
		return 0;
	/* The v2 freezer tells when it is done; that of v1 must be asked again and again.
	 */
	return has_v2(cgroup) ? cgroup_v2_freeze(cgroup, err)
			      : cgroup_v1_freeze(cgroup, err);
}

int cgroup_thaw(const struct cgroup *cgroup, struct error *err)
{
	/* On a hybrid host another program may have used the other freezer. */
	if (cgroup_v1_thaw(cgroup, err) < 0)
		return -1;
	return has_v2(cgroup) ? cgroup_v2_thaw(cgroup, err) : 0;
}

static int collect(const struct cgroup *cgroup, struct text *pids, struct error *err)
{
	char buffer[CGROUP_DIRECTORY_MAX];
	const char *directory;

	if (!has_v2(cgroup))
		return cgroup_v1_pids(cgroup, pids, err);
	directory = cgroup_directory(buffer, cgroup->unified_mount_point, cgroup->path);
	if (cgroup_pids_collect(directory, pids) < 0)
		return error_set(err, errno, "cannot read cgroup '%s'", directory);
	return 0;
}

int cgroup_pids(const struct cgroup *cgroup, struct arena *arena, pid_t **pids,
		size_t *count, struct error *err)
{
	auto_text struct text found = { 0 };

	if (collect(cgroup, &found, err) < 0)
		return -1;
	*count = found.length / sizeof(pid_t);
	*pids = arena_alloc(arena, *count + 1, sizeof(pid_t));
	if (found.length > 0)
		memcpy(*pids, found.data, found.length);
	return 0;
}

int cgroup_signal(const struct cgroup *cgroup, int signal, struct error *err)
{
	auto_text struct text pids = { 0 };
	struct error ignored;
	int frozen, result;

	if (cgroup->layout == CGROUP_DISABLED)
		return 0;
	if (signal == SIGKILL && has_v2(cgroup))
		return cgroup_v2_kill(cgroup, err);
	frozen = cgroup_frozen(cgroup, err);
	if (frozen < 0)
		return -1;
	/* So that the list is complete; where that cannot be, it is as good as it gets.
	 */
	if (frozen == 0)
		(void)cgroup_freeze(cgroup, &ignored);
	result = collect(cgroup, &pids, err);
	if (result == 0 && cgroup_kill_pids((pid_t *)(void *)pids.data,
					    pids.length / sizeof(pid_t), signal) < 0)
		result = error_set(err, errno,
				   "cannot signal the processes of cgroup '%s'",
				   cgroup->path);
	if (frozen == 0)
		(void)cgroup_thaw(cgroup, &ignored);
	return result;
}

static int remove_parents(const char *mount_point, const struct cgroup *cgroup,
			  struct error *err)
{
	char directory[CGROUP_DIRECTORY_MAX];

	/* A parent with another child stays, and so do its own parents. */
	for (size_t i = cgroup_components(cgroup->path);
	     i-- > cgroup->components_found + 1;) {
		if (rmdir(cgroup_directory_part(directory, mount_point, cgroup->path,
						i)) == 0 ||
		    errno == ENOENT)
			continue;
		return errno == EBUSY ? 0
				      : error_set(err, errno, "cannot remove cgroup '%s'",
						  directory);
	}
	return 0;
}

static int remove_v2(const struct cgroup *cgroup, struct error *err)
{
	int removed = cgroup_v2_remove_empty(cgroup, err);

	if (removed != 0)
		return removed < 0 ? -1 : 0;
	/* What a v1 freezer holds does not even die. */
	if (cgroup_v2_kill(cgroup, err) < 0 || cgroup_v1_thaw(cgroup, err) < 0)
		return -1;
	return cgroup_v2_remove(cgroup, err);
}

static int remove_all_parents(const struct cgroup *cgroup, struct error *err)
{
	if (has_v2(cgroup) &&
	    remove_parents(cgroup->unified_mount_point, cgroup, err) < 0)
		return -1;
	for (size_t i = 0; i < cgroup->hierarchies_count; i++) {
		if (remove_parents(cgroup->hierarchies[i].mount_point, cgroup, err) < 0)
			return -1;
	}
	return 0;
}

int cgroup_remove(const struct cgroup *cgroup, struct error *err)
{
	if (has_v2(cgroup) && remove_v2(cgroup, err) < 0)
		return -1;
	if (cgroup_v1_remove(cgroup, err) < 0)
		return -1;
	return remove_all_parents(cgroup, err);
}

int cgroup_remove_unused(const struct cgroup *cgroup, struct error *err)
{
	if (has_v2(cgroup) && cgroup_v2_remove_empty(cgroup, err) < 0)
		return -1;
	if (cgroup_v1_remove_empty(cgroup, err) < 0)
		return -1;
	return remove_all_parents(cgroup, err);
}

static int create(const struct cgroup *cgroup, struct error *err)
{
	struct error ignored;

	if (has_v2(cgroup) && cgroup_v2_create(cgroup, err) < 0)
		return -1;
	if (cgroup->hierarchies_count == 0 || cgroup_v1_create(cgroup, err) == 0)
		return 0;
	if (has_v2(cgroup) && !cgroup->unified_found)
		(void)cgroup_v2_remove_empty(cgroup, &ignored);
	return -1;
}

int cgroup_create(const struct cgroup *cgroup, struct error *err)
{
	struct error ignored;

	if (create(cgroup, err) == 0)
		return 0;
	(void)remove_all_parents(cgroup, &ignored);
	return -1;
}

void cgroup_adopt(struct cgroup *cgroup)
{
	cgroup->components_found = cgroup_components(cgroup->path);
	if (has_v2(cgroup))
		cgroup_v2_enable(cgroup, NULL);
}
