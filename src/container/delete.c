/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/log.h"
#include "container/delete.h"
#include "container/hooks.h"
#include "container/layers.h"
#include "container/record.h"
#include "container/recorded.h"
#include "container/registry.h"
#include "container/status.h"
#include "kernel/cgroup.h"
#include "oci/bundle.h"

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

static int remove_recorded(const struct record *record, int entryfd, struct error *err)
{
	auto_arena struct arena arena = { 0 };
	struct cgroup cgroup;

	if (recorded_cgroup(record, &arena, &cgroup, err) < 0 ||
	    recorded_end(record, &cgroup, err) < 0 ||
	    intel_rdt_remove(&record->rdt, err) < 0)
		return -1;
	return layers_remove_all(record, entryfd, err);
}

/* The hooks of the end come last, out of a configuration that is gone by then. */
int delete_recorded(const struct registry *registry, int entryfd,
		    const struct record *record, struct error *err)
{
	auto_bundle struct bundle bundle = { .dirfd = -1 };
	struct error ignored;
	bool has_hooks = record->has_hooks &&
			 bundle_load_copy(&bundle, entryfd, "config.json", &ignored) == 0;

	if (remove_recorded(record, entryfd, err) < 0 ||
	    registry_remove(registry, record->id, entryfd, err) < 0)
		return -1;
	if (has_hooks)
		hooks_run_poststop(&bundle.config, record);
	return 0;
}

/* What is on record of a container whose lock another minirun has. */
static int kill_recorded(const struct registry *registry, const char *id,
			 struct error *err)
{
	auto_arena struct arena arena = { 0 };
	auto_close int entryfd = registry_find(registry, id, err);
	struct record record;
	struct cgroup cgroup;

	if (entryfd < 0 || registry_load(entryfd, &record, &arena, err) < 0 ||
	    recorded_cgroup(&record, &arena, &cgroup, err) < 0)
		return -1;
	return recorded_kill(&record, &cgroup, err);
}

/* Once a second, since what holds the lock up may come on record only later. */
static int lock(const struct registry *registry, const char *id, enum delete_flags flags,
		struct error *err)
{
	for (bool told = false;; told = true) {
		int entryfd = registry_lock_soon(registry, id, err);
		struct error ignored;

		if (entryfd >= 0 || err->code != EWOULDBLOCK)
			return entryfd;
		if (!told)
			log_warning("waiting for the minirun that creates, starts or "
				    "deletes container '%s'",
				    id);
		if (flags & DELETE_FORCE)
			(void)kill_recorded(registry, id, &ignored);
	}
}

int delete_container(const struct registry *registry, const char *id,
		     enum delete_flags flags, struct error *err)
{
	auto_arena struct arena arena = { 0 };
	auto_close int entryfd = lock(registry, id, flags, err);
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
	return delete_recorded(registry, entryfd, &record, err);
}
