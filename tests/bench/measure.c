/* SPDX-License-Identifier: Apache-2.0 */

/*
 * measure COMMAND... - runs the command and prints what it took: wall nanoseconds, cpu
 * microseconds, peak memory in KiB, exit status. The command's output goes nowhere. A
 * program of its own, since the peak of a process starts with that of the one that forked
 * it, and an interpreter's is above what is measured here.
 */

#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static int64_t now(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static long microseconds(const struct timeval *time)
{
	return time->tv_sec * 1000000L + time->tv_usec;
}

int main(int argc, char **argv)
{
	posix_spawn_file_actions_t actions;
	struct rusage usage;
	int64_t start;
	pid_t pid;
	int status;

	if (argc < 2)
		return 2;
	if (posix_spawn_file_actions_init(&actions) != 0 ||
	    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0) != 0)
		return 2;
	start = now();
	if (posix_spawnp(&pid, argv[1], &actions, NULL, argv + 1, environ) != 0)
		return 2;
	if (wait4(pid, &status, 0, &usage) != pid)
		return 2;
	start = now() - start;
	(void)printf("%lld %ld %ld %d\n", (long long)start,
		     microseconds(&usage.ru_utime) + microseconds(&usage.ru_stime),
		     usage.ru_maxrss, WIFEXITED(status) ? WEXITSTATUS(status) : 128);
	return 0;
}
