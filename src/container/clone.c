/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/fds.h"
#include "base/process.h"
#include "base/syscalls.h"
#include "container/clone.h"
#include "kernel/cgroup.h"

/* cgroupfd -1: into the caller's. */
static pid_t clone_now(uint64_t flags, int cgroupfd, int *pidfd, struct error *err)
{
	struct clone_args args = {
		.flags = flags | CLONE_PIDFD | CLONE_CLEAR_SIGHAND,
		.pidfd = (uint64_t)(uintptr_t)pidfd,
		/* With CLONE_PARENT it is that of the caller. */
		.exit_signal = flags & CLONE_PARENT ? 0 : SIGCHLD,
	};
	pid_t pid;

	if (cgroupfd >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)cgroupfd;
	}
	pid = sys_clone3(&args);
	if (pid < 0)
		return error_set(err, errno, "cannot create the process");
	return pid;
}

pid_t clone_straight(const struct cgroup *cgroup, uint64_t namespaces, int *pidfd,
		     struct error *err)
{
	auto_close int cgroupfd = -1;

	if (cgroup_open(cgroup, &cgroupfd, err) < 0)
		return -1;
	/* CVE-2016-9962. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return error_set(err, errno, "cannot clear the dumpable flag");
	return clone_now(namespaces, cgroupfd, pidfd, err);
}

/* What the process between has to say; the pidfd comes with it. */
struct message {
	pid_t pid; /* -1: it failed */
	struct error error;
};

/* Returns in the child, and there alone. */
static void pass(const struct clone_passage *passage, bool is_outside, int socket)
{
	struct message message = { .pid = -1 };
	int pidfd = -1;
	size_t count;

	if ((!is_outside || passage->attach(passage->context, &message.error) == 0) &&
	    cgroup_join(passage->cgroup, 0, &message.error) == 0 &&
	    passage->enter(passage->context, &message.error) == 0)
		message.pid = clone_now(passage->namespaces | CLONE_PARENT, -1, &pidfd,
					&message.error);
	if (message.pid == 0)
		return;
	count = message.pid > 0 ? 1 : 0;
	/* Where nobody listens any more, the child will find that out as well. */
	(void)fds_send(socket, &message, sizeof(message), &pidfd, count);
	_exit(0);
}

static pid_t hear(int socket, int *pidfd, struct error *err)
{
	struct message message;
	size_t count = 1;
	ssize_t size = fds_receive(socket, &message, sizeof(message), pidfd, &count);

	if (size < 0)
		return error_set(err, errno, "cannot hear the process between");
	if (size == 0)
		return error_set(err, 0, "the process between was killed");
	*err = message.error;
	return message.pid;
}

pid_t clone_through(const struct clone_passage *passage, int *pidfd, struct error *err)
{
	auto_close int ours = -1, theirs = -1, between = -1;
	bool is_outside;
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return error_set(err, errno, "cannot create a socket pair");
	ours = ends[0];
	theirs = ends[1];
	pid = clone_straight(passage->cgroup, 0, &between, err);
	is_outside = pid < 0 && err->code == EACCES && passage->attach != NULL;
	if (is_outside)
		pid = clone_now(0, -1, &between, err);
	if (pid < 0)
		return -1;
	if (pid == 0) {
		pass(passage, is_outside, theirs);
		return 0;
	}
	(void)close(take_fd(&theirs));
	pid = hear(ours, pidfd, err);
	(void)process_wait(between);
	return pid;
}
