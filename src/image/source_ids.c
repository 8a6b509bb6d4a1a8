/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sched.h>
#include <unistd.h>

#include "base/error.h"
#include "image/source.h"
#include "kernel/id_maps.h"
#include "kernel/rootfs.h"

/* An ordinary user's upper is read by that user alone: only in his namespace overlayfs
 * understands its marks, and only he has its ids. */
static int check_owner(const struct record *record, struct error *err)
{
	if (record->owner == geteuid())
		return 0;
	(void)error_set(err, 0, "container '%s' has a user namespace and is of user %u",
			record->id, record->owner);
	return error_hint(err, "only that user can read what it changed");
}

int source_ids_read(struct source *source, struct error *err)
{
	const struct config_linux *linux_;

	if (!source->record.has_user_namespace)
		return 0;
	if (check_owner(&source->record, err) < 0 ||
	    bundle_load_copy(&source->bundle, source->entryfd, "config.json", err) < 0)
		return -1;
	linux_ = source->bundle.config.linux_;
	if (linux_ == NULL || linux_->uid_mappings_count == 0)
		return error_set(err, 0,
				 "container '%s' has joined a user namespace, whose ids "
				 "are not on record",
				 source->record.id);
	source->ids.maps = (struct id_maps){ .uid = linux_->uid_mappings,
					     .uid_count = linux_->uid_mappings_count,
					     .gid = linux_->gid_mappings,
					     .gid_count = linux_->gid_mappings_count };
	return 0;
}

int source_enter(struct source *source, struct error *err)
{
	if (source->ids.maps.uid_count == 0)
		return 0;
	source->ids.namespace = id_maps_namespace(&source->ids.maps, err);
	if (source->ids.namespace < 0)
		return -1;
	if (geteuid() == 0)
		return 0;
	if (setns(source->ids.namespace, CLONE_NEWUSER) < 0 || setresgid(0, 0, 0) < 0 ||
	    setresuid(0, 0, 0) < 0 || unshare(CLONE_NEWNS) < 0)
		return error_set(err, errno,
				 "cannot enter a user namespace like the container's");
	source->ids.is_inside = true;
	return rootfs_isolate(err);
}
