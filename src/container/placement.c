/* SPDX-License-Identifier: Apache-2.0 */
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/process.h"
#include "container/placement.h"
#include "container/record.h"
#include "kernel/cgroup.h"
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

int placement_find(const struct config_linux *linux_, struct arena *arena,
		   struct record *record, struct cgroup *cgroup, struct error *err)
{
	const char *asked = linux_->cgroups_path;
	bool is_asked = asked != NULL && asked[0] != '\0';
	bool is_ours = !is_asked && (geteuid() != 0 || !process_is_host());
	int result = is_ours ? find_delegated(linux_, arena, record, cgroup, err)
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
