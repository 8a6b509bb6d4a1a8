/* SPDX-License-Identifier: Apache-2.0 */
#include "container/seed.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/fds.h"
#include "base/process.h"
#include "base/syscalls.h"

/* A signal of the terminal is not for it. */
static _Noreturn void live(pid_t parent)
{
	(void)setsid();
	(void)prctl(PR_SET_NAME, "minirun-seed");
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)fds_close_from(STDIN_FILENO);
	while (getppid() == parent)
		(void)pause();
	_exit(0);
}

int seed_start(struct seed *seed, struct error *err)
{
	const struct clone_args args = {
		.flags = CLONE_PIDFD | CLONE_CLEAR_SIGHAND,
		.pidfd = (uint64_t)(uintptr_t)&seed->pidfd,
		.exit_signal = SIGCHLD,
	};
	pid_t parent = getpid();

	seed->pid = sys_clone3(&args);
	if (seed->pid == 0)
		live(parent);
	return seed->pid > 0 ? 0 : error_set(err, errno, "cannot create a process");
}

void seed_end(struct seed *seed)
{
	auto_close int pidfd = take_fd(&seed->pidfd);

	if (pidfd < 0)
		return;
	(void)pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
	(void)process_wait(pidfd);
}
