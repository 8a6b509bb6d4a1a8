/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "container/freeze.h"
#include "container/pause.h"
#include "container/record.h"
#include "container/recorded.h"
#include "container/registry.h"
#include "container/status.h"
#include "kernel/cgroup.h"

/* What both verbs look at; zero but for lock_fd. */
struct target {
	struct arena arena;
	struct record record;
	struct cgroup cgroup;
	enum status status;
	int lock_fd; /* or the end of a commit would thaw what we froze */
};

static void target_release(struct target *target)
{
	if (target->lock_fd >= 0)
		(void)close(target->lock_fd);
	arena_release(&target->arena);
}

#define auto_target __attribute__((cleanup(target_release)))

static int find(struct target *target, const struct registry *registry, const char *id,
		struct error *err)
{
	auto_close int entryfd = registry_find(registry, id, err);

	if (entryfd < 0)
		return -1;
	target->lock_fd = freeze_lock(entryfd, err);
	if (target->lock_fd < -1 ||
	    registry_load(entryfd, &target->record, &target->arena, err) < 0 ||
	    status_find(entryfd, &target->record, &target->status, err) < 0)
		return -1;
	return recorded_cgroup(&target->record, &target->arena, &target->cgroup, err);
}

int pause_container(const struct registry *registry, const char *id, struct error *err)
{
	auto_target struct target target = { .lock_fd = -1 };

	if (find(&target, registry, id, err) < 0)
		return -1;
	if (target.status != STATUS_CREATED && target.status != STATUS_RUNNING) {
		(void)error_set(err, 0, "container not running");
		return error_hint(err, "it is %s", status_text(target.status));
	}
	if (target.cgroup.layout == CGROUP_DISABLED)
		return error_set(err, 0,
				 "the container is not in a cgroup of its own, so that "
				 "it cannot be paused");
	return cgroup_freeze(&target.cgroup, err);
}

int resume_container(const struct registry *registry, const char *id, struct error *err)
{
	auto_target struct target target = { .lock_fd = -1 };

	if (find(&target, registry, id, err) < 0)
		return -1;
	if (target.status != STATUS_PAUSED) {
		(void)error_set(err, 0, "container not paused");
		return error_hint(err, "it is %s", status_text(target.status));
	}
	return cgroup_thaw(&target.cgroup, err);
}
