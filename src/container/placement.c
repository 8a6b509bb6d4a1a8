/* SPDX-License-Identifier: Apache-2.0 */
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/process.h"
#include "container/placement.h"
#include "container/record.h"
#include "container/systemd.h"
#include "container/systemd_bus.h"
#include "kernel/cgroup.h"
#include "kernel/cgroup_files.h"
#include "kernel/id_maps.h"
#include "kernel/namespaces.h"
#include "oci/config.h"

static int find_delegated(const struct config_linux *linux_, struct arena *arena,
			  struct record *record, struct cgroup *cgroup, struct error *err)
{
	if (cgroup_find_delegated(cgroup, arena, record->id, &record->cgroup_path, err) <
	    0)
		return -1;
	record->cgroup_is_delegated = cgroup->is_delegated;
	return record->cgroup_path != NULL ? 0
					   : cgroup_check_none(linux_->resources, err);
}

static int find_host(const struct config_linux *linux_, struct arena *arena,
		     struct record *record, struct cgroup *cgroup, struct error *err)
{
	const char *path = cgroup_path(arena, linux_->cgroups_path, record->id, err);

	if (path == NULL || cgroup_find(cgroup, arena, path, err) < 0)
		return -1;
	record->cgroup_path = path;
	return 0;
}

static int check_layout(struct arena *arena, struct error *err)
{
	struct cgroup host;

	if (cgroup_find(&host, arena, "/", err) < 0)
		return -1;
	if (host.layout == CGROUP_UNIFIED)
		return 0;
	(void)error_set(err, 0,
			"the systemd cgroup manager needs cgroup v2 alone, and this host "
			"has hierarchies of v1");
	return error_hint(err, "use --cgroup-manager cgroupfs, or boot with "
			       "systemd.unified_cgroup_hierarchy=1");
}

static int find_unit(const struct config_linux *linux_, struct arena *arena,
		     struct record *record, struct cgroup *cgroup, struct error *err)
{
	if (check_layout(arena, err) < 0 ||
	    systemd_plan(linux_->cgroups_path, arena, record, err) < 0 ||
	    cgroup_find(cgroup, arena, record->cgroup_path, err) < 0)
		return -1;
	record->cgroup_is_delegated = systemd_bus_is_user();
	if (record->cgroup_is_delegated)
		cgroup_delegate(cgroup);
	/* Its parents are systemd's, also while it is made. */
	cgroup->components_found = cgroup_components(cgroup->path);
	return 0;
}

static bool wants_delegated(const struct config_linux *linux_)
{
	const char *asked = linux_->cgroups_path;

	return (asked == NULL || asked[0] == '\0') &&
	       (geteuid() != 0 || !process_is_host());
}

int placement_find(const struct placement *placement, struct arena *arena,
		   struct record *record, struct cgroup *cgroup, struct error *err)
{
	const struct config_linux *linux_ = placement->linux_;
	int result = placement->manager == CGROUP_MANAGER_SYSTEMD
			     ? find_unit(linux_, arena, record, cgroup, err)
		     : wants_delegated(linux_)
			     ? find_delegated(linux_, arena, record, cgroup, err)
			     : find_host(linux_, arena, record, cgroup, err);

	if (result < 0)
		return -1;
	record->cgroup_components_found = cgroup->components_found;
	record->cgroup_planned = record->cgroup_path != NULL;
	return cgroup_check(cgroup, linux_->resources, err);
}

static void warn_ignored(void *context, const char *member, const char *why)
{
	(void)context;
	log_warning("linux.resources.%s is ignored: %s", member, why);
}

void placement_warn(const struct config_linux *linux_, const struct cgroup *cgroup)
{
	cgroup_ignored(cgroup, linux_->resources, warn_ignored, NULL);
}

static bool is_writable_cgroup(const struct config_mount *mount)
{
	bool writable = true;

	if (mount->type == NULL ||
	    (strcmp(mount->type, "cgroup") != 0 && strcmp(mount->type, "cgroup2") != 0))
		return false;
	for (size_t i = 0; mount->options != NULL && mount->options[i] != NULL; i++) {
		if (strcmp(mount->options[i], "ro") == 0)
			writable = false;
		else if (strcmp(mount->options[i], "rw") == 0)
			writable = true;
	}
	return writable;
}

bool placement_has_owner(const struct config *config, uid_t *uid)
{
	const struct config_linux *linux_ = config->linux_;
	const struct config_user *user = config->process->user;
	uint64_t inside = user != NULL ? (uint64_t)user->uid : 0, host = inside;
	bool is_asked = false;

	for (size_t i = 0; i < config->mounts_count; i++)
		is_asked = is_asked || is_writable_cgroup(&config->mounts[i]);
	if (!is_asked || !namespaces_has_new(linux_, CLONE_NEWCGROUP))
		return false;
	if ((namespaces_listed(linux_) & CLONE_NEWUSER) != 0 &&
	    !id_maps_to_host(linux_->uid_mappings, linux_->uid_mappings_count, inside,
			     &host))
		return false;
	*uid = (uid_t)host;
	return host != geteuid();
}
