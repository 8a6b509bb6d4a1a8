/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/fds.h"
#include "base/file.h"
#include "base/log.h"
#include "container/freeze.h"
#include "container/record.h"
#include "container/recorded.h"
#include "kernel/cgroup.h"

/* state.json is the one file of an entry that nobody replaces once there is a process. */
int freeze_lock(int entryfd, struct error *err)
{
	auto_close int fd = openat(entryfd, "state.json", O_RDONLY | O_CLOEXEC);
	int result;

	if (fd < 0 && errno == ENOENT)
		return -1;
	if (fd < 0)
		return error_set(err, errno, "cannot open 'state.json'"), -2;
	do
		result = flock(fd, LOCK_EX);
	while (result < 0 && errno == EINTR);
	if (result < 0)
		return error_set(err, errno, "cannot lock 'state.json'"), -2;
	return take_fd(&fd);
}

/* The guardian's side. Signals are blocked since before it was there; in a session of its
 * own it outlives the terminal and a kill of the caller's process group. It keeps the
 * lock, so that whoever freezes next finds the container thawed. */
static _Noreturn void guard(int alive, int ready, int lock_fd,
			    const struct cgroup *cgroup)
{
	struct error ignored;
	char byte = 0;

	(void)setsid();
	(void)prctl(PR_SET_NAME, "minirun-thaw");
	(void)!chdir("/");
	if (file_write_full(ready, &byte, 1) < 0)
		_exit(1);
	(void)dup2(alive, STDIN_FILENO);
	if (lock_fd < 0 || dup2(lock_fd, STDOUT_FILENO) < 0)
		(void)close(STDOUT_FILENO);
	(void)fds_close_from(STDERR_FILENO);
	(void)file_read_full(STDIN_FILENO, &byte, 1);
	_exit(cgroup_thaw(cgroup, &ignored) < 0);
}

/* The pipes of both, by the side that holds them. */
struct ends {
	int alive_read, alive_write; /* the caller holds the writing end */
	int ready_read, ready_write;
};

static void ends_release(struct ends *ends)
{
	const int all[] = { ends->alive_read, ends->alive_write, ends->ready_read,
			    ends->ready_write };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (all[i] >= 0)
			(void)close(all[i]);
	}
}

static int open_ends(struct ends *ends)
{
	int alive[2], ready[2];

	*ends = (struct ends){ -1, -1, -1, -1 };
	if (pipe2(alive, O_CLOEXEC) < 0)
		return -1;
	ends->alive_read = alive[0];
	ends->alive_write = alive[1];
	if (pipe2(ready, O_CLOEXEC) < 0)
		return -1;
	ends->ready_read = ready[0];
	ends->ready_write = ready[1];
	return 0;
}

static pid_t fork_guardian(struct ends *ends, int lock_fd, const struct cgroup *cgroup)
{
	sigset_t all, before;
	pid_t pid;

	(void)sigfillset(&all);
	(void)sigprocmask(SIG_BLOCK, &all, &before);
	pid = fork();
	if (pid == 0) {
		(void)close(ends->alive_write);
		(void)close(ends->ready_read);
		guard(ends->alive_read, ends->ready_write, lock_fd, cgroup);
	}
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	return pid;
}

/* Returns once the guardian cannot be killed together with us. */
static int start_guardian(struct freeze *freeze, const struct cgroup *cgroup,
			  struct error *err)
{
	__attribute__((cleanup(ends_release))) struct ends ends;
	char byte;

	if (open_ends(&ends) < 0)
		return error_set(err, errno, "cannot make a pipe");
	freeze->guardian = fork_guardian(&ends, freeze->lock_fd, cgroup);
	if (freeze->guardian < 0)
		return error_set(err, errno, "cannot start the process that thaws");
	freeze->guardian_fd = take_fd(&ends.alive_write);
	(void)close(take_fd(&ends.ready_write));
	if (file_read_full(ends.ready_read, &byte, 1) != 1)
		return error_set(err, 0, "the process that thaws has ended");
	return 0;
}

/* Whether there is somebody to be held still; -1 when nobody can do it. */
static int needs_freeze(const struct record *record, const struct cgroup *cgroup,
			struct arena *arena, struct error *err)
{
	auto_close int process = recorded_process(record);
	int frozen = cgroup_frozen(cgroup, err);
	size_t count = 0;
	pid_t *pids;

	if (frozen != 0)
		return frozen < 0 ? -1 : 0;
	if (cgroup->layout != CGROUP_DISABLED &&
	    cgroup_pids(cgroup, arena, &pids, &count, err) < 0)
		return -1;
	if (count > 0 || process < 0)
		return count > 0;
	return error_set(err, 0,
			 "the container is not in a cgroup of its own, so that it "
			 "cannot be held still");
}

int freeze_apply(struct freeze *freeze, int entryfd, const struct record *record,
		 struct error *err)
{
	auto_arena struct arena arena = { 0 };
	struct cgroup cgroup;
	int needed;

	freeze->record = record;
	freeze->lock_fd = freeze_lock(entryfd, err);
	if (freeze->lock_fd < -1 || recorded_cgroup(record, &arena, &cgroup, err) < 0)
		return -1;
	needed = needs_freeze(record, &cgroup, &arena, err);
	if (needed <= 0)
		return needed;
	if (start_guardian(freeze, &cgroup, err) < 0)
		return -1;
	return cgroup_freeze(&cgroup, err);
}

/* For when the guardian was killed. */
static void thaw(const struct record *record)
{
	auto_arena struct arena arena = { 0 };
	struct cgroup cgroup;
	struct error err;

	if (recorded_cgroup(record, &arena, &cgroup, &err) < 0 ||
	    cgroup_thaw(&cgroup, &err) < 0)
		log_warning("cannot thaw container '%s': %s", record->id, err.text);
}

void freeze_release(struct freeze *freeze)
{
	if (freeze->guardian_fd >= 0) {
		int status = 0;
		pid_t waited;

		(void)close(take_fd(&freeze->guardian_fd));
		do
			waited = waitpid(freeze->guardian, &status, 0);
		while (waited < 0 && errno == EINTR);
		if (waited < 0 || status != 0)
			thaw(freeze->record);
	}
	if (freeze->lock_fd >= 0)
		(void)close(take_fd(&freeze->lock_fd));
}
