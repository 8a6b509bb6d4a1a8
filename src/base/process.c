/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/fds.h"
#include "base/file.h"
#include "base/parse.h"
#include "base/process.h"
#include "base/syscalls.h"
#include "base/text.h"

enum { OUTPUT_MAX = 64 * 1024 };

/* CLONE_CLEAR_SIGHAND alone would leave what is ignored, as conmon ignores SIGPIPE. */
void process_reset_signals(void)
{
	sigset_t none;

	for (int number = 1; number <= SIGRTMAX; number++)
		(void)sys_default_signal(number);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

const char *process_find(const char *name, struct arena *arena)
{
	const char *path = getenv("PATH");
	size_t length;

	if (path == NULL || path[0] == '\0')
		path = "/usr/local/bin:/usr/bin:/bin";
	for (; *path != '\0'; path += length + (path[length] == ':')) {
		const char *found;

		length = strcspn(path, ":");
		found = arena_format(arena, "%.*s/%s", (int)length, path, name);
		if (path[0] == '/' && access(found, X_OK) == 0)
			return found;
	}
	return NULL;
}

/* What ties us to a program that runs: its output, and why execve() failed. */
struct pipes {
	int output_read, output_write; /* -1: the output is left alone */
	int report_read, report_write;
};

#define auto_pipes __attribute__((cleanup(pipes_release)))

static void close_end(int *end)
{
	if (*end >= 0)
		(void)close(take_fd(end));
}

static void pipes_release(struct pipes *pipes)
{
	close_end(&pipes->output_read);
	close_end(&pipes->output_write);
	close_end(&pipes->report_read);
	close_end(&pipes->report_write);
}

static int make_pipe(int *read_end, int *write_end)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	*read_end = ends[0];
	*write_end = ends[1];
	return 0;
}

/* The program's side: nothing of ours but 0, 1 and 2 gets past execve(). */
static _Noreturn void run_child(const char *path, char *const argv[],
				const struct pipes *pipes)
{
	int output = pipes->output_write, code;

	process_reset_signals();
	if ((output < 0 || dup2(output, STDOUT_FILENO) >= 0) && fds_cloexec_from(3) == 0)
		(void)execv(path, argv);
	code = errno;
	(void)file_write_full(pipes->report_write, &code, sizeof(code));
	_exit(127);
}

/* Reads to the end, so that the program never meets a closed pipe, but keeps only the
 * beginning. */
static int read_output(int fd, struct text *output)
{
	char bytes[4096];

	for (;;) {
		ssize_t got = file_read_full(fd, bytes, sizeof(bytes));
		size_t room =
			output->length < OUTPUT_MAX ? OUTPUT_MAX - output->length : 0;

		if (got <= 0)
			return (int)got;
		text_add(output, bytes, (size_t)got < room ? (size_t)got : room);
	}
}

/* What execve() said in the child: an errno value, or 0 when the program runs. */
static int read_report(int fd)
{
	int code = 0;
	ssize_t got = file_read_full(fd, &code, sizeof(code));

	return got == (ssize_t)sizeof(code) ? code : 0;
}

/* Follows the child to its end: the status, or -1 and *code. */
static int follow(int pidfd, struct pipes *pipes, struct text *output, int *code)
{
	int status;

	close_end(&pipes->output_write);
	close_end(&pipes->report_write);
	*code = read_report(pipes->report_read);
	if (output != NULL && read_output(pipes->output_read, output) < 0)
		*code = errno;
	status = process_wait(pidfd);
	if (status < 0 && *code == 0)
		*code = errno;
	return *code == 0 ? status : -1;
}

int process_run(const char *path, char *const argv[], struct text *output,
		struct error *err)
{
	const struct sigaction action = { .sa_handler = SIG_DFL };
	auto_pipes struct pipes pipes = { -1, -1, -1, -1 };
	auto_close int pidfd = -1;
	const struct clone_args args = {
		.flags = CLONE_PIDFD,
		.pidfd = (uint64_t)(uintptr_t)&pidfd,
		.exit_signal = SIGCHLD,
	};
	struct sigaction before;
	int status, code;
	pid_t child;

	if (make_pipe(&pipes.report_read, &pipes.report_write) < 0 ||
	    (output != NULL && make_pipe(&pipes.output_read, &pipes.output_write) < 0))
		return error_set(err, errno, "cannot make a pipe");
	/* Who started us may have ignored it, and then the status would be lost, wait(2).
	 */
	(void)sigaction(SIGCHLD, &action, &before);
	child = sys_clone3(&args);
	code = errno;
	if (child == 0)
		run_child(path, argv, &pipes);
	status = child < 0 ? -1 : follow(pidfd, &pipes, output, &code);
	(void)sigaction(SIGCHLD, &before, NULL);
	if (status < 0)
		return error_set(err, code, "cannot execute '%s'", path);
	return status;
}

uint64_t process_start_time(pid_t pid)
{
	char path[32], line[1024];
	auto_close int fd = -1;
	const char *field;
	uint64_t ticks;
	ssize_t got;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	got = fd < 0 ? -1 : file_read_full(fd, line, sizeof(line) - 1);
	if (got <= 0)
		return 0;
	line[got] = '\0';

	/* Field 2 is the name in brackets, and may hold anything, brackets as well. */
	field = strrchr(line, ')');
	if (field == NULL || strlen(field) < 3 || strchr("ZXx", field[2]) != NULL)
		return 0;
	for (int number = 2; number < 22; number++) {
		field = strchr(field + 1, ' ');
		if (field == NULL)
			return 0;
	}
	line[strcspn(field + 1, " ") + (size_t)(field + 1 - line)] = '\0';
	return parse_uint(field + 1, UINT64_MAX, &ticks) ? ticks : 0;
}

int process_pidfd(pid_t pid)
{
	int fd = pidfd_open(pid, 0);

	/* A number that is only a session's, a group's or a thread's now: EINVAL, from
	 * Linux 6.15 on ENOENT. */
	if (fd < 0 && (errno == EINVAL || errno == ENOENT))
		errno = ESRCH;
	return fd;
}

int process_open(pid_t pid, uint64_t start_time)
{
	auto_close int fd = process_pidfd(pid);

	if (fd < 0)
		return -1;
	/* The descriptor holds the number: what is read now is of the same process. */
	if (start_time == 0 || process_start_time(pid) != start_time)
		return errno = ESRCH, -1;
	return take_fd(&fd);
}

int process_wait(int pidfd)
{
	siginfo_t info = { 0 };
	int result;

	do
		result = waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | __WALL);
	while (result < 0 && errno == EINTR);
	if (result < 0)
		return -1;
	return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

void process_reap(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
}

bool process_is_host(void)
{
	static const ino_t first = 0xEFFFFFFD; /* PROC_USER_INIT_INO, linux/proc_ns.h */
	struct stat status;

	return stat("/proc/self/ns/user", &status) < 0 || status.st_ino == first;
}
