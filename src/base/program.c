/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/pidfd.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/fds.h"
#include "base/file.h"
#include "base/process.h"
#include "base/program.h"
#include "base/syscalls.h"
#include "base/text.h"

enum { OUTPUT_MAX = 4096 };

/* Ours are non-blocking; -1: closed. */
struct streams {
	int input, output, report; /* ours */
	int child_input, child_output, child_report;
};

#define auto_streams __attribute__((cleanup(streams_release)))

static void close_end(int *fd)
{
	if (*fd >= 0)
		(void)close(take_fd(fd));
}

static void close_child(struct streams *streams)
{
	close_end(&streams->child_input);
	close_end(&streams->child_output);
	close_end(&streams->child_report);
}

static void streams_release(struct streams *streams)
{
	close_child(streams);
	close_end(&streams->input);
	close_end(&streams->output);
	close_end(&streams->report);
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

static int open_streams(struct streams *streams, struct error *err)
{
	if (make_pipe(&streams->child_input, &streams->input) < 0 ||
	    make_pipe(&streams->output, &streams->child_output) < 0 ||
	    make_pipe(&streams->report, &streams->child_report) < 0 ||
	    fcntl(streams->input, F_SETFL, O_NONBLOCK) < 0 ||
	    fcntl(streams->output, F_SETFL, O_NONBLOCK) < 0)
		return error_set(err, errno, "cannot make a pipe");
	return 0;
}

/* A new file is its owner's alone: it may hold what the container should not tell. */
static int direct(int output, const char *file, int stream)
{
	int fd = file == NULL
			 ? output
			 : open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

	return fd < 0 ? -1 : dup2(fd, stream);
}

static _Noreturn void run_child(const struct program *program,
				const struct streams *streams)
{
	/* Above the streams: what is open there could be one of them. */
	int report = fcntl(streams->child_report, F_DUPFD_CLOEXEC, 3), code;

	process_reset_signals();
	if (dup2(streams->child_input, STDIN_FILENO) >= 0 &&
	    direct(streams->child_output, program->stdout_file, STDOUT_FILENO) >= 0 &&
	    direct(streams->child_output, program->stderr_file, STDERR_FILENO) >= 0 &&
	    fds_cloexec_from(3) == 0)
		(void)execve(program->path, program->arguments, program->environment);
	code = errno;
	(void)file_write_full(report, &code, sizeof(code));
	_exit(127);
}

/* Milliseconds from now, -1: for ever, as poll(2) takes it. */
static int left(const struct timespec *end, int timeout)
{
	struct timespec now;
	int64_t milliseconds;

	if (timeout == 0)
		return -1;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	milliseconds = (int64_t)(end->tv_sec - now.tv_sec) * 1000 +
		       (end->tv_nsec - now.tv_nsec) / 1000000;
	return milliseconds <= 0 ? 0 : (int)(milliseconds < 60000 ? milliseconds : 60000);
}

static void feed(struct streams *streams, const struct program *program, size_t *fed)
{
	ssize_t written = write(streams->input, program->input->data + *fed,
				program->input->length - *fed);

	if (written > 0)
		*fed += (size_t)written;
	else if (written < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	/* A program may not care for what it is told. */
	if (written < 0 || *fed == program->input->length)
		close_end(&streams->input);
}

static void take(struct streams *streams, const struct program *program)
{
	size_t most = program->output_most != 0 ? program->output_most : OUTPUT_MAX;
	char bytes[4096];
	ssize_t got;

	while ((got = read(streams->output, bytes, sizeof(bytes))) > 0) {
		size_t used = program->output->length;
		size_t room = used < most ? most - used : 0;

		text_add(program->output, bytes, (size_t)got < room ? (size_t)got : room);
	}
	if (got == 0 || (errno != EAGAIN && errno != EINTR))
		close_end(&streams->output);
}

/* Until it has ended; false: the time is up. */
static bool follow(struct streams *streams, const struct program *program, int pidfd)
{
	struct timespec end;
	size_t fed = 0;

	(void)clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += program->timeout;
	for (;;) {
		struct pollfd events[] = {
			{ .fd = pidfd, .events = POLLIN },
			{ .fd = streams->input, .events = POLLOUT },
			{ .fd = streams->output, .events = POLLIN },
		};
		int wait = left(&end, program->timeout);

		(void)poll(events, 3, wait);
		if (events[1].revents != 0)
			feed(streams, program, &fed);
		if (events[2].revents != 0)
			take(streams, program);
		if (events[0].revents != 0)
			return true;
		if (wait == 0)
			return false;
	}
}

/* The errno value of an execve(2) that failed, or 0. */
static int execution_error(int report)
{
	int code = 0;
	ssize_t got = file_read_full(report, &code, sizeof(code));

	return got == (ssize_t)sizeof(code) ? code : 0;
}

static int finish(struct streams *streams, const struct program *program, int pidfd,
		  struct error *err)
{
	int code = execution_error(streams->report), status;
	bool in_time = code != 0 || follow(streams, program, pidfd);

	if (!in_time)
		(void)pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
	status = process_wait(pidfd);
	if (streams->output >= 0)
		take(streams, program);
	if (code != 0)
		return error_set(err, code, "cannot execute '%s'", program->path);
	if (!in_time) {
		(void)error_set(err, 0, "'%s' took more than %d s", program->path,
				program->timeout);
		err->code = ETIMEDOUT;
		return -1;
	}
	return status;
}

/* SIGCHLD: who started us may have ignored it, and then the status would be lost,
 * wait(2). SIGPIPE: it may end without having read what it was told. */
static void set_signals(const struct sigaction action[2], struct sigaction before[2])
{
	(void)sigaction(SIGCHLD, &action[0], before != NULL ? &before[0] : NULL);
	(void)sigaction(SIGPIPE, &action[1], before != NULL ? &before[1] : NULL);
}

int program_run(const struct program *program, struct error *err)
{
	const struct sigaction during[2] = { { .sa_handler = SIG_DFL },
					     { .sa_handler = SIG_IGN } };
	auto_streams struct streams streams = { -1, -1, -1, -1, -1, -1 };
	auto_close int pidfd = -1;
	const struct clone_args args = {
		.flags = CLONE_PIDFD,
		.pidfd = (uint64_t)(uintptr_t)&pidfd,
		.exit_signal = SIGCHLD,
	};
	struct sigaction before[2];
	int status = -1;
	pid_t child;

	if (open_streams(&streams, err) < 0)
		return -1;
	set_signals(during, before);
	child = sys_clone3(&args);
	if (child == 0)
		run_child(program, &streams);
	close_child(&streams);
	if (child < 0)
		(void)error_set(err, errno, "cannot execute '%s'", program->path);
	else
		status = finish(&streams, program, pidfd, err);
	/* To say again that it is ignored discards a SIGPIPE that waits because our
	 * caller has it blocked. */
	set_signals(during, NULL);
	set_signals(before, NULL);
	return status;
}
