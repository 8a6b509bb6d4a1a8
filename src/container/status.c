/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/process.h"
#include "container/record.h"
#include "container/recorded.h"
#include "container/status.h"
#include "kernel/cgroup.h"

const char *status_text(enum status status)
{
	static const char *const texts[] = {
		[STATUS_CREATING] = "creating", [STATUS_CREATED] = "created",
		[STATUS_RUNNING] = "running",   [STATUS_PAUSED] = "paused",
		[STATUS_STOPPED] = "stopped",
	};

	return texts[status];
}

int status_find(int entryfd, const struct record *record, enum status *status,
		struct error *err)
{
	auto_arena struct arena arena = { 0 };
	struct cgroup cgroup;
	int frozen;

	if (record->pid == 0)
		*status = STATUS_CREATING;
	else if (process_start_time(record->pid) != record->start_time)
		*status = STATUS_STOPPED;
	else if (faccessat(entryfd, "start", F_OK, 0) == 0)
		*status = STATUS_CREATED;
	else if (faccessat(entryfd, "start.new", F_OK, 0) == 0)
		*status = STATUS_CREATING;
	else
		*status = STATUS_RUNNING;
	if (*status != STATUS_RUNNING && *status != STATUS_CREATED)
		return 0;
	if (recorded_cgroup(record, &arena, &cgroup, err) < 0)
		return -1;
	frozen = cgroup_frozen(&cgroup, err);
	if (frozen < 0)
		return -1;
	if (frozen > 0)
		*status = STATUS_PAUSED;
	return 0;
}
