/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/process.h"
#include "kernel/cgroup_files.h"
#include "kernel/cgroup_wait.h"

static int64_t now(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

int64_t cgroup_deadline(void)
{
	return now() + CGROUP_PATIENCE;
}

int cgroup_time_left(int64_t deadline)
{
	int64_t left = deadline - now();

	if (left > 0)
		return (int)left;
	errno = ETIMEDOUT;
	return 0;
}

/* One event on the descriptor before the deadline. */
static int wait_ready(int fd, short events, int64_t deadline)
{
	struct pollfd ready = { .fd = fd, .events = events };
	int left = cgroup_time_left(deadline);

	if (left == 0 || (poll(&ready, 1, left) < 0 && errno != EINTR))
		return -1;
	return 0;
}

/* Reading the file arms the next POLLPRI: nothing is lost between the two. */
static int wait_line(int fd, const char *line, int64_t deadline)
{
	char lines[256];

	for (;;) {
		ssize_t length = pread(fd, lines, sizeof(lines) - 1, 0);

		if (length < 0)
			return -1;
		lines[length] = '\0';
		if (cgroup_lines_have(lines, line))
			return 0;
		if (wait_ready(fd, POLLPRI, deadline) < 0)
			return -1;
	}
}

int cgroup_wait_event(const char *directory, const char *line, int64_t deadline)
{
	char path[CGROUP_DIRECTORY_MAX + 16];
	auto_close int fd = -1;

	(void)snprintf(path, sizeof(path), "%s/cgroup.events", directory);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || wait_line(fd, line, deadline) < 0)
		return cgroup_is_gone(errno) ? 0 : -1;
	return 0;
}

int cgroup_kill_pids(const pid_t *pids, size_t count, int signal)
{
	for (size_t i = 0; i < count; i++) {
		/* 0 stands for a process of a pid namespace that we do not see into. */
		if (pids[i] <= 0) {
			errno = ESRCH;
			return -1;
		}
		if (kill(pids[i], signal) < 0 && errno != ESRCH)
			return -1;
	}
	return 0;
}

int cgroup_kill_pids_wait(const pid_t *pids, size_t count, int64_t deadline)
{
	if (cgroup_kill_pids(pids, count, SIGKILL) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		auto_close int pidfd = process_pidfd(pids[i]);

		if (pidfd < 0 && errno == ESRCH)
			continue;
		if (pidfd < 0 || wait_ready(pidfd, POLLIN, deadline) < 0)
			return -1;
	}
	return 0;
}

int cgroup_wait_silent(int64_t deadline, int64_t *delay)
{
	struct timespec pause = { .tv_nsec = *delay * 1000 };

	if (cgroup_time_left(deadline) == 0)
		return -1;
	(void)ppoll(NULL, 0, &pause, NULL);
	*delay = *delay * 2 > 10000 ? 10000 : *delay * 2;
	return 0;
}
