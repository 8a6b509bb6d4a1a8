/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "container/delete.h"
#include "container/layers.h"
#include "container/record.h"
#include "container/recorded.h"
#include "container/registry.h"
#include "container/status.h"
#include "kernel/cgroup.h"

/* A container that was never started, or whose creation broke off, runs nothing of the
 * user's: it may be deleted without force. */
static int check_status(int entryfd, const struct record *record, struct error *err)
{
	enum status status;

	if (status_find(entryfd, record, &status, err) < 0)
		return -1;
	if (status != STATUS_RUNNING && status != STATUS_PAUSED)
		return 0;
	(void)error_set(err, 0, "cannot delete container %s that is not stopped: %s",
			record->id, status_text(status));
	return error_hint(err, "use --force to kill it");
}

static int remove_recorded(const struct record *record, struct error *err)
{
	auto_arena struct arena arena = { 0 };
	struct cgroup cgroup;

	if (recorded_cgroup(record, &arena, &cgroup, err) < 0 ||
	    recorded_end(record, &cgroup, err) < 0)
		return -1;
	return layers_remove(record, err);
}

int delete_container(const struct registry *registry, const char *id,
		     enum delete_flags flags, struct error *err)
{
	auto_arena struct arena arena = { 0 };
	auto_close int entryfd = registry_lock(registry, id, err);
	struct record record;
	struct error missing;

	if (entryfd < 0)
		return flags & DELETE_FORCE && err->code == ENOENT ? 0 : -1;
	if (registry_load(entryfd, &record, &arena, &missing) < 0) {
		/* Killed before the record was written: nothing else was made by then. */
		if (missing.code == ENOENT)
			return registry_remove_unrecorded(registry, id, entryfd, err);
		*err = missing;
		return -1;
	}
	if (!(flags & DELETE_FORCE) && check_status(entryfd, &record, err) < 0)
		return -1;
	if (remove_recorded(&record, err) < 0)
		return -1;
	return registry_remove(registry, id, entryfd, err);
}
