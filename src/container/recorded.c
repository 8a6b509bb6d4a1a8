/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/pidfd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/process.h"
#include "container/record.h"
#include "container/recorded.h"
#include "container/systemd.h"
#include "kernel/cgroup.h"

enum {
	KILL_DEADLINE = 10 * 1000
}; /* milliseconds; a process in the kernel may take long */

static int find_cgroup(const struct record *record, struct arena *arena,
		       struct cgroup *cgroup, struct error *err)
{
	if (cgroup_find(cgroup, arena, record->cgroup_path, err) < 0)
		return -1;
	if (record->cgroup_is_delegated)
		cgroup_delegate(cgroup);
	cgroup->components_found = record->cgroup_components_found;
	return 0;
}

int recorded_cgroup(const struct record *record, struct arena *arena,
		    struct cgroup *cgroup, struct error *err)
{
	if (record->cgroup_path != NULL && !record->cgroup_planned)
		return find_cgroup(record, arena, cgroup, err);
	*cgroup = (struct cgroup){ .layout = CGROUP_DISABLED };
	return 0;
}

/* Killed before it said that it made the cgroup: it had put nothing in it. */
static int remove_planned(const struct record *record, struct error *err)
{
	auto_arena struct arena arena = { 0 };
	struct cgroup cgroup;

	if (find_cgroup(record, &arena, &cgroup, err) < 0)
		return -1;
	return cgroup_remove_unused(&cgroup, err);
}

int recorded_process(const struct record *record)
{
	if (record->pid == 0) {
		errno = ESRCH;
		return -1;
	}
	return process_open(record->pid, record->start_time);
}

int recorded_root(const struct record *record, int pidfd, int *root, struct error *err)
{
	char path[64];
	auto_close int fd = -1;

	(void)snprintf(path, sizeof(path), "/proc/%d/root", record->pid);
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	/* As long as it is there, nobody else has its pid. */
	if (pidfd_send_signal(pidfd, 0, NULL, 0) < 0 || fd < 0)
		return error_set(err, errno, "cannot open '%s'", path);
	*root = take_fd(&fd);
	return 0;
}

static int kill_process(int pidfd, const struct record *record, struct error *err)
{
	if (pidfd < 0 && errno != ESRCH)
		return error_set(err, errno, "cannot open process %d", record->pid);
	if (pidfd >= 0 && pidfd_send_signal(pidfd, SIGKILL, NULL, 0) < 0 &&
	    errno != ESRCH)
		return error_set(err, errno, "cannot kill process %d", record->pid);
	return 0;
}

/* A frozen v1 task dies only once it is thawed. */
static int thaw(const struct cgroup *cgroup, struct error *err)
{
	return cgroup->hierarchies_count > 0 ? cgroup_thaw(cgroup, err) : 0;
}

int recorded_kill(const struct record *record, const struct cgroup *cgroup,
		  struct error *err)
{
	auto_close int pidfd = recorded_process(record);

	if (kill_process(pidfd, record, err) < 0 ||
	    cgroup_signal(cgroup, SIGKILL, err) < 0)
		return -1;
	return thaw(cgroup, err);
}

/* A pidfd is readable from when the process has ended on, reaped or not. */
static int wait_ended(int pidfd, pid_t pid, struct error *err)
{
	struct pollfd ended = { .fd = pidfd, .events = POLLIN };
	int ready;

	do
		ready = poll(&ended, 1, KILL_DEADLINE);
	while (ready < 0 && errno == EINTR);
	if (ready < 0)
		return error_set(err, errno, "cannot wait for process %d", pid);
	if (ready == 0)
		return error_set(err, 0, "process %d does not end although it was killed",
				 pid);
	return 0;
}

int recorded_end(const struct record *record, const struct cgroup *cgroup,
		 struct error *err)
{
	auto_close int pidfd = recorded_process(record);

	if (record->cgroup_planned)
		return remove_planned(record, err);
	if (kill_process(pidfd, record, err) < 0)
		return -1;
	/* The process first: its end is told at once, that of a cgroup's last process
	 * only 10 ms after the event before (CGROUP_FILE_NOTIFY_MIN_INTV). */
	if (pidfd >= 0 &&
	    (thaw(cgroup, err) < 0 || wait_ended(pidfd, record->pid, err) < 0))
		return -1;
	/* What joined another pid namespace does not die with its init. */
	if (cgroup_remove(cgroup, err) < 0)
		return -1;
	systemd_stop(record);
	return 0;
}
