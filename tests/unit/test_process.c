/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/process.h"
#include "base/text.h"
#include "check.h"

/* What a shell makes of the script; -1 and *err. */
static int run_shell(const char *script, struct text *output, struct error *err)
{
	char shell[] = "sh", option[] = "-c", copy[256];
	char *argv[] = { shell, option, copy, NULL };

	(void)snprintf(copy, sizeof(copy), "%s", script);
	return process_run("/bin/sh", argv, output, err);
}

static void returns_the_status_and_the_output(void)
{
	auto_text struct text output = { 0 };
	struct error err;

	CHECK(run_shell("echo one; echo two; exit 7", &output, &err) == 7);
	CHECK_TEXT(output.data, "one\ntwo\n");
}

static void says_128_and_the_signal(void)
{
	struct error err;

	CHECK(run_shell("kill -KILL $$", NULL, &err) == 128 + SIGKILL);
}

static void says_what_cannot_be_executed(void)
{
	char name[] = "absent";
	char *argv[] = { name, NULL };
	struct error err;

	CHECK(process_run("/absent", argv, NULL, &err) == -1);
	CHECK_TEXT(err.text, "cannot execute '/absent': no such file or directory");
	CHECK(process_run("/dev/null", argv, NULL, &err) == -1);
	CHECK_TEXT(err.text, "cannot execute '/dev/null': permission denied");
}

static void passes_no_other_descriptor(void)
{
	auto_close int low = open("/dev/null", O_RDONLY);
	auto_close int high = fcntl(low, F_DUPFD, 100);
	auto_text struct text output = { 0 };
	struct error err;

	CHECK(high >= 100);
	CHECK(run_shell(
		      "cd /proc/self/fd; for f in *; do test -e /proc/$$/fd/$f && echo $f; "
		      "done; :",
		      &output, &err) == 0);
	CHECK_TEXT(output.data, "0\n1\n2\n");
}

static void passes_no_signal_settings(void)
{
	auto_text struct text output = { 0 };
	struct error err;
	sigset_t blocked, before;

	(void)signal(SIGTERM, SIG_IGN);
	(void)sigemptyset(&blocked);
	(void)sigaddset(&blocked, SIGINT);
	(void)sigprocmask(SIG_BLOCK, &blocked, &before);
	CHECK(run_shell("grep -E 'Sig(Blk|Ign)' /proc/self/status", &output, &err) == 0);
	CHECK_TEXT(output.data, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	(void)signal(SIGTERM, SIG_DFL);
}

static void gets_the_status_though_children_are_ignored(void)
{
	struct error err;

	(void)signal(SIGCHLD, SIG_IGN);
	CHECK(run_shell("exit 5", NULL, &err) == 5);
	(void)signal(SIGCHLD, SIG_DFL);
}

static void keeps_the_beginning_of_a_long_output(void)
{
	auto_text struct text output = { 0 };
	struct error err;

	CHECK(run_shell("head -c 200000 /dev/zero | tr '\\0' x", &output, &err) == 0);
	CHECK(output.length == 64 * 1024);
}

static void names_a_process_by_its_start(void)
{
	uint64_t start = process_start_time(getpid());
	auto_close int pidfd = process_open(getpid(), start);

	CHECK(start > 0);
	CHECK(pidfd >= 0);
	CHECK(process_open(getpid(), start + 1) == -1 && errno == ESRCH);
	CHECK(process_open(getpid(), 0) == -1 && errno == ESRCH);
}

/* Its number, while the other end is open. */
static void *say_number(void *context)
{
	int end = *(int *)context;
	pid_t number = gettid();
	char byte;

	(void)!write(end, &number, sizeof(number));
	(void)!read(end, &byte, 1);
	return NULL;
}

/* Both have had the number of a process that is gone, and pidfd_open(2) has other errors
 * for them than ESRCH. */
static void takes_a_thread_and_a_session_for_no_process(void)
{
	pthread_t thread;
	pid_t number = 0, child;
	int ends[2];

	CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == 0);
	CHECK(pthread_create(&thread, NULL, say_number, &ends[1]) == 0);
	CHECK(read(ends[0], &number, sizeof(number)) == sizeof(number));
	CHECK(process_open(number, 1) == -1 && errno == ESRCH);
	CHECK(write(ends[0], "x", 1) == 1);
	CHECK(pthread_join(thread, NULL) == 0);

	child = fork();
	if (child == 0) {
		(void)setsid();
		if (fork() == 0)
			(void)!read(ends[1], &number, 1);
		_exit(0);
	}
	CHECK(waitpid(child, NULL, 0) == child);
	CHECK(process_open(child, 1) == -1 && errno == ESRCH);
	CHECK(write(ends[0], "x", 1) == 1);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

static void takes_a_zombie_for_dead(void)
{
	auto_close int pidfd = -1;
	pid_t child = fork();
	siginfo_t info;

	if (child == 0)
		_exit(3);
	CHECK(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT) == 0);
	CHECK(process_start_time(child) == 0);
	pidfd = pidfd_open(child, 0);
	CHECK(process_wait(pidfd) == 3);
	CHECK(process_start_time(child) == 0);
	CHECK(process_wait(pidfd) == -1 && errno == ECHILD);
}

int main(void)
{
	RUN(returns_the_status_and_the_output);
	RUN(says_128_and_the_signal);
	RUN(says_what_cannot_be_executed);
	RUN(passes_no_other_descriptor);
	RUN(passes_no_signal_settings);
	RUN(gets_the_status_though_children_are_ignored);
	RUN(keeps_the_beginning_of_a_long_output);
	RUN(names_a_process_by_its_start);
	RUN(takes_a_thread_and_a_session_for_no_process);
	RUN(takes_a_zombie_for_dead);
	return check_done();
}
