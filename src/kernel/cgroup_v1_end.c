/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "kernel/cgroup.h"
#include "kernel/cgroup_files.h"
#include "kernel/cgroup_v1.h"
#include "kernel/cgroup_wait.h"

enum { STATE_MAX = 32, FREEZE_PATIENCE = 100 /* milliseconds */ };

/* NULL without a freezer. */
static const char *freezer_directory(const struct cgroup *cgroup, char *buffer)
{
	const struct cgroup_hierarchy *freezer = cgroup_v1_hierarchy(cgroup, "freezer");

	return freezer == NULL ? NULL : cgroup_v1_directory(buffer, cgroup, freezer);
}

int cgroup_v1_frozen(const struct cgroup *cgroup, struct error *err)
{
	char buffer[CGROUP_DIRECTORY_MAX], state[STATE_MAX];
	const char *directory = freezer_directory(cgroup, buffer);

	if (directory == NULL)
		return 0;
	if (cgroup_file_read(directory, "freezer.state", state, sizeof(state)) >= 0)
		return strcmp(state, "THAWED\n") != 0;
	if (cgroup_is_gone(errno))
		return 0;
	return error_set(err, errno, "cannot read '%s/freezer.state'", directory);
}

/*
 * FREEZING becomes FROZEN without an event, and only when somebody reads the state; with
 * tasks that fork meanwhile it may need to be asked for again
 * (Documentation/admin-guide/cgroup-v1/freezer-subsystem.rst).
 */
static int wait_frozen(const char *directory, int64_t deadline)
{
	int64_t delay = 20;
	char state[STATE_MAX];

	for (;;) {
		if (cgroup_file_write(directory, "freezer.state", "FROZEN") < 0 ||
		    cgroup_file_read(directory, "freezer.state", state, sizeof(state)) <
			    0)
			return -1;
		if (strcmp(state, "FROZEN\n") == 0)
			return 0;
		if (cgroup_wait_silent(deadline, &delay) < 0)
			return -1;
	}
}

int cgroup_v1_freeze(const struct cgroup *cgroup, struct error *err)
{
	char buffer[CGROUP_DIRECTORY_MAX];
	const char *directory = freezer_directory(cgroup, buffer);
	int reason;

	if (directory == NULL)
		return error_set(err, 0, "this host has no freezer controller");
	if (wait_frozen(directory, cgroup_deadline()) == 0 || cgroup_is_gone(errno))
		return 0;
	reason = errno;
	(void)cgroup_file_write(directory, "freezer.state", "THAWED");
	return error_set(err, reason, "cannot freeze cgroup '%s'", directory);
}

int cgroup_v1_thaw(const struct cgroup *cgroup, struct error *err)
{
	char buffer[CGROUP_DIRECTORY_MAX];
	const char *directory = freezer_directory(cgroup, buffer);

	if (directory == NULL ||
	    cgroup_file_write(directory, "freezer.state", "THAWED") == 0 ||
	    cgroup_is_gone(errno))
		return 0;
	return error_set(err, errno, "cannot thaw cgroup '%s'", directory);
}

/*
 * One round: frozen, a list of processes is complete, and SIGKILL waits until they thaw.
 * A process that cannot be frozen, in the kernel for long, holds that up but for a
 * moment.
 */
static int kill_round(const struct cgroup *cgroup, const char *directory,
		      int64_t deadline)
{
	auto_text struct text pids = { 0 };
	char buffer[CGROUP_DIRECTORY_MAX];
	const char *freezer = freezer_directory(cgroup, buffer);
	struct error ignored;
	int result = -1;

	if (freezer != NULL)
		(void)wait_frozen(freezer,
				  cgroup_deadline() - CGROUP_PATIENCE + FREEZE_PATIENCE);
	if (cgroup_pids_collect(directory, &pids) == 0)
		result = cgroup_kill_pids((pid_t *)(void *)pids.data,
					  pids.length / sizeof(pid_t), SIGKILL);
	(void)cgroup_v1_thaw(cgroup, &ignored);
	if (result < 0)
		return -1;
	return cgroup_kill_pids_wait((pid_t *)(void *)pids.data,
				     pids.length / sizeof(pid_t), deadline);
}

static int remove_directory(const struct cgroup *cgroup, const char *directory,
			    struct error *err)
{
	int64_t deadline = cgroup_deadline(), delay = 20;

	while (cgroup_directory_remove(directory) < 0) {
		if (errno != EBUSY)
			return error_set(err, errno, "cannot remove cgroup '%s'",
					 directory);
		if (kill_round(cgroup, directory, deadline) < 0)
			return error_set(err, errno, "cannot kill what is in cgroup '%s'",
					 directory);
		/* Between its end and the rmdir() that succeeds, a process passes a
		 * moment that v1 has no event for. */
		if (cgroup_directory_remove(directory) == 0)
			return 0;
		if (errno == EBUSY && cgroup_wait_silent(deadline, &delay) < 0)
			return error_set(err, EBUSY, "cannot remove cgroup '%s'",
					 directory);
	}
	return 0;
}

int cgroup_v1_remove(const struct cgroup *cgroup, struct error *err)
{
	char buffer[CGROUP_DIRECTORY_MAX];

	for (size_t i = 0; i < cgroup->hierarchies_count; i++) {
		if (remove_directory(
			    cgroup,
			    cgroup_v1_directory(buffer, cgroup, &cgroup->hierarchies[i]),
			    err) < 0)
			return -1;
	}
	return 0;
}

int cgroup_v1_remove_empty(const struct cgroup *cgroup, struct error *err)
{
	char buffer[CGROUP_DIRECTORY_MAX];

	for (size_t i = 0; i < cgroup->hierarchies_count; i++) {
		const char *directory =
			cgroup_v1_directory(buffer, cgroup, &cgroup->hierarchies[i]);

		if (rmdir(directory) < 0 && errno != ENOENT && errno != EBUSY &&
		    errno != ENOTEMPTY)
			return error_set(err, errno, "cannot remove cgroup '%s'",
					 directory);
	}
	return 0;
}
