/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/error.h"
#include "base/fds.h"
#include "check.h"
#include "kernel/terminal.h"
#include "oci/config.h"

/*
 * Three processes: the test, whose ends of two pipes (or of an outer terminal) are what a
 * user has; the caller of terminal_relay(), as run and exec are; and the payload on the
 * inner terminal.
 */

static struct error err;
static int devfd = -1;
static const struct config_process plain; /* no size, no user */

struct relayed {
	pid_t pid; /* of the caller */
	int to, from;
};

static void payload(int slave, int (*run)(void))
{
	sigset_t none;

	(void)sigemptyset(&none);
	/* A job in the background, or under nohup(1), is started with these ignored. */
	(void)signal(SIGHUP, SIG_DFL);
	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGQUIT, SIG_DFL);
	if (setsid() < 0 || terminal_attach(slave, &err) < 0)
		_exit(99);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)close_range(3, ~0U, 0);
	/* Not exit(): what the test itself has not flushed would come twice. */
	_exit(run());
}

static void caller(int input, int output, int (*run)(void))
{
	int master, slave, pidfd, signals, status;
	sigset_t all;
	pid_t child;

	(void)sigfillset(&all);
	(void)sigprocmask(SIG_BLOCK, &all, NULL);
	if (dup2(input, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 ||
	    dup2(output, STDERR_FILENO) < 0 ||
	    terminal_open(devfd, &plain, &master, &slave, &err) < 0)
		_exit(98);
	(void)close_range((unsigned)input, (unsigned)input, 0);
	(void)close_range((unsigned)output, (unsigned)output, 0);
	terminal_prepare(master);
	child = fork();
	if (child == 0)
		payload(slave, run);
	(void)close(slave);
	pidfd = pidfd_open(child, 0);
	signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	status = terminal_relay(master, pidfd, signals, &err);
	_exit(status < 0 ? 97 : status);
}

static void start_with(struct relayed *relayed, int input, int output, int (*run)(void))
{
	(void)fflush(stdout);
	relayed->pid = fork();
	if (relayed->pid == 0) {
		(void)close(relayed->to);
		(void)close(relayed->from);
		caller(input, output, run);
	}
	(void)close(input);
	(void)close(output);
}

static struct relayed start(int (*run)(void))
{
	struct relayed relayed;
	int input[2], output[2];

	CHECK(pipe2(input, O_CLOEXEC) == 0 && pipe2(output, O_CLOEXEC) == 0);
	relayed.to = input[1];
	relayed.from = output[0];
	start_with(&relayed, input[0], output[1], run);
	return relayed;
}

/* Reads until the text has come, or the end; what was read is in `buffer`. */
static size_t read_until(int fd, char *buffer, size_t size, const char *text)
{
	size_t length = 0;

	buffer[0] = '\0';
	while (length + 1 < size && (text == NULL || strstr(buffer, text) == NULL)) {
		ssize_t got = read(fd, buffer + length, size - 1 - length);

		if (got <= 0)
			break;
		length += (size_t)got;
		buffer[length] = '\0';
	}
	return length;
}

static int finish(const struct relayed *relayed)
{
	int status = -1;

	CHECK(waitpid(relayed->pid, &status, 0) == relayed->pid);
	(void)close(relayed->from);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

enum { LINES = 100000 };

static int write_much(void)
{
	for (int i = 0; i < LINES; i++)
		printf("line %d\n", i);
	return fflush(stdout) == 0 ? 7 : 1;
}

static void all_output_comes_and_newlines_are_as_written(void)
{
	struct relayed relayed = start(write_much);
	char *buffer = malloc(4 << 20);
	size_t length = read_until(relayed.from, buffer, 4 << 20, NULL);
	const char *end = "\nline 99999\n";

	CHECK(finish(&relayed) == 7);
	CHECK(length > 12 && strcmp(buffer + length - strlen(end), end) == 0);
	CHECK(memchr(buffer, '\r', length) == NULL);
	free(buffer);
	(void)close(relayed.to);
}

static int count_input(void)
{
	struct termios attributes;
	size_t count = 0;

	/* No echo, so that the output is the count alone. */
	if (tcgetattr(0, &attributes) < 0)
		return 1;
	attributes.c_lflag &= ~(tcflag_t)ECHO;
	if (tcsetattr(0, TCSANOW, &attributes) < 0 || write(1, "ready\n", 6) != 6)
		return 2;
	while (getchar() != EOF)
		count++;
	printf("%zu bytes\n", count);
	return fflush(stdout) == 0 ? 0 : 3;
}

static void end_of_input_reaches_the_container(void)
{
	struct relayed relayed = start(count_input);
	char buffer[64];

	(void)read_until(relayed.from, buffer, sizeof(buffer), "ready\n");
	CHECK(write(relayed.to, "one\ntwo", 7) == 7);
	(void)close(relayed.to);
	(void)read_until(relayed.from, buffer, sizeof(buffer), NULL);
	CHECK_TEXT(buffer, "7 bytes\n");
	CHECK(finish(&relayed) == 0);
}

/* More than the pty holds: writing must not wait for the input that nobody reads. */
static int write_before_reading(void)
{
	char buffer[4096];
	size_t count = 0;
	ssize_t size;
	struct termios attributes;

	if (tcgetattr(0, &attributes) < 0)
		return 1;
	cfmakeraw(&attributes);
	if (tcsetattr(0, TCSANOW, &attributes) < 0 || write(1, "ready\n", 6) != 6)
		return 2;
	memset(buffer, 'x', sizeof(buffer));
	for (int i = 0; i < 100; i++)
		if (write(1, buffer, sizeof(buffer)) < 0)
			return 3;
	while (count < 50000 && (size = read(0, buffer, sizeof(buffer))) > 0)
		count += (size_t)size;
	return count >= 50000 ? 0 : 4;
}

static void neither_direction_waits_for_the_other(void)
{
	struct relayed relayed = start(write_before_reading);
	char *buffer = calloc(1, 1 << 20);

	(void)read_until(relayed.from, buffer, 7, "ready\n");
	CHECK(write(relayed.to, buffer, 60000) == 60000);
	CHECK(read_until(relayed.from, buffer, 1 << 20, NULL) == 409600);
	CHECK(finish(&relayed) == 0);
	(void)close(relayed.to);
	free(buffer);
}

static int wait_for_signal(void)
{
	if (write(1, "ready\n", 6) != 6)
		return 1;
	(void)pause();
	return 2;
}

static void signals_reach_the_container(void)
{
	struct relayed relayed = start(wait_for_signal);
	char buffer[64];

	(void)read_until(relayed.from, buffer, sizeof(buffer), "ready\n");
	CHECK(kill(relayed.pid, SIGURG) == 0 && kill(relayed.pid, SIGPIPE) == 0);
	CHECK(kill(relayed.pid, SIGTERM) == 0);
	CHECK(finish(&relayed) == 128 + SIGTERM);
	(void)close(relayed.to);
}

static void closed_output_does_not_stop_the_container(void)
{
	struct relayed relayed = start(write_much);

	(void)close(relayed.from);
	relayed.from = -1;
	CHECK(finish(&relayed) == 7);
	(void)close(relayed.to);
}

static int leave_a_child_behind(void)
{
	pid_t child = fork();

	if (child == 0) {
		(void)setsid();
		(void)signal(SIGHUP, SIG_IGN);
		(void)alarm(60);
		(void)pause();
		_exit(0);
	}
	printf("%d\n", (int)child);
	return fflush(stdout) == 0 ? 3 : 1;
}

static void it_ends_with_the_process_also_when_others_hold_the_terminal(void)
{
	struct relayed relayed = start(leave_a_child_behind);
	char buffer[64];

	CHECK(finish(&(struct relayed){ relayed.pid, -1, -1 }) == 3);
	(void)read_until(relayed.from, buffer, sizeof(buffer), NULL);
	CHECK(atoi(buffer) > 1 && kill((pid_t)atoi(buffer), SIGKILL) == 0);
	CHECK(waitpid((pid_t)atoi(buffer), NULL, 0) == (pid_t)atoi(buffer));
	(void)close(relayed.from);
	(void)close(relayed.to);
}

static int print_size(void)
{
	struct winsize size;
	sigset_t change;
	int number;

	(void)sigemptyset(&change);
	(void)sigaddset(&change, SIGWINCH);
	(void)sigprocmask(SIG_BLOCK, &change, NULL);
	for (int i = 0; i < 2; i++) {
		if (ioctl(0, TIOCGWINSZ, &size) < 0)
			return 1;
		printf("%d x %d\n", size.ws_row, size.ws_col);
		(void)fflush(stdout);
		if (i == 0 && sigwait(&change, &number) != 0)
			return 2;
	}
	return 0;
}

/* The leader of the outer terminal's session, as the user's shell is: it sees what the
 * caller has left behind. Exit status: the caller's, 128 + signal included, or 96. */
static void leader(int slave, int (*run)(void))
{
	struct termios before, after;
	int status = 0;
	sigset_t all;
	pid_t child;

	(void)sigfillset(&all);
	(void)sigprocmask(SIG_BLOCK, &all, NULL);
	if (setsid() < 0 || ioctl(slave, TIOCSCTTY, 0) < 0 ||
	    tcgetattr(slave, &before) < 0)
		_exit(95);
	child = fork();
	if (child == 0)
		caller(dup(slave), dup(slave), run);
	if (waitpid(child, &status, 0) != child || tcgetattr(slave, &after) < 0)
		_exit(95);
	if (before.c_lflag != after.c_lflag || before.c_iflag != after.c_iflag ||
	    before.c_oflag != after.c_oflag || before.c_cflag != after.c_cflag)
		_exit(96);
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 94);
}

static int start_on_terminal(struct relayed *relayed, int (*run)(void), int *slave)
{
	struct winsize size = { .ws_row = 11, .ws_col = 22 };
	int master;

	CHECK(terminal_open(devfd, &plain, &master, slave, &err) == 0);
	CHECK(ioctl(master, TIOCSWINSZ, &size) == 0);
	relayed->to = relayed->from = master;
	(void)fflush(stdout);
	relayed->pid = fork();
	if (relayed->pid == 0) {
		(void)close(master);
		leader(*slave, run);
	}
	return master;
}

static void a_terminal_is_raw_meanwhile_and_as_before_in_the_end(void)
{
	struct winsize size = { .ws_row = 33, .ws_col = 44 };
	struct termios during;
	struct relayed relayed;
	char buffer[256];
	int slave, master;

	master = start_on_terminal(&relayed, print_size, &slave);
	(void)read_until(master, buffer, sizeof(buffer), "11 x 22\r\n");
	CHECK_TEXT(buffer, "11 x 22\r\n");
	CHECK(tcgetattr(slave, &during) == 0);
	CHECK((during.c_lflag & (ICANON | ECHO | ISIG)) == 0);
	CHECK((during.c_oflag & OPOST) != 0);
	CHECK(ioctl(master, TIOCSWINSZ, &size) == 0);
	(void)read_until(master, buffer, sizeof(buffer), "33 x 44\r\n");
	CHECK_TEXT(buffer, "33 x 44\r\n");
	CHECK(finish(&relayed) == 0);
	(void)close(slave);
}

static void a_signal_leaves_the_terminal_as_before(void)
{
	struct relayed relayed;
	char buffer[256];
	int slave, master;

	master = start_on_terminal(&relayed, wait_for_signal, &slave);
	(void)read_until(master, buffer, sizeof(buffer), "ready\r\n");
	CHECK(kill(-relayed.pid, SIGHUP) == 0);
	CHECK(finish(&relayed) == 128 + SIGHUP);
	(void)close(slave);
}

static void keys_are_the_containers(void)
{
	struct relayed relayed;
	char buffer[256];
	int slave, master;

	master = start_on_terminal(&relayed, wait_for_signal, &slave);
	(void)read_until(master, buffer, sizeof(buffer), "ready\r\n");
	CHECK(write(master, "\003", 1) == 1); /* VINTR of the inner terminal */
	CHECK(finish(&relayed) == 128 + SIGINT);
	(void)close(slave);
}

static void size_and_owner_are_set(void)
{
	struct config_box box = { .height = 5, .width = 6 };
	struct config_box high = { .height = 65536, .width = 6 };
	struct config_user user = { .uid = 1234 };
	const struct config_process small = { .console_size = &box, .user = &user };
	const struct config_process large = { .console_size = &high };
	int master = -1, slave = -1;
	struct winsize size;
	struct stat status;

	CHECK(terminal_open(devfd, &small, &master, &slave, &err) == 0);
	CHECK(ioctl(slave, TIOCGWINSZ, &size) == 0 && size.ws_row == 5 &&
	      size.ws_col == 6);
	CHECK(fstat(slave, &status) == 0 && status.st_uid == 1234);
	(void)close(master);
	(void)close(slave);
	master = slave = -1;
	CHECK(terminal_open(devfd, &large, &master, &slave, &err) < 0);
	CHECK_TEXT(err.where, "process.consoleSize");
	CHECK(master == -1 && slave == -1);
}

static void what_is_no_devpts_is_not_opened(void)
{
	char directory[] = "/tmp/test_terminal.XXXXXX";
	int master, slave, fd;

	CHECK(mkdtemp(directory) != NULL);
	fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	CHECK(terminal_open(fd, &plain, &master, &slave, &err) < 0);
	CHECK_TEXT(err.text, "cannot open '/dev/pts': no such file or directory");
	CHECK(symlinkat("/dev/pts", fd, "pts") == 0);
	CHECK(terminal_open(fd, &plain, &master, &slave, &err) < 0);
	CHECK(unlinkat(fd, "pts", 0) == 0 && mkdirat(fd, "pts", 0755) == 0);
	CHECK(mknodat(fd, "pts/ptmx", S_IFIFO | 0600, 0) == 0);
	CHECK(terminal_open(fd, &plain, &master, &slave, &err) < 0);
	CHECK_TEXT(err.text,
		   "'/dev/pts' is not a devpts (a terminal needs a mount of that "
		   "type)");
	CHECK(unlinkat(fd, "pts/ptmx", 0) == 0 && unlinkat(fd, "pts", AT_REMOVEDIR) == 0);
	(void)close(fd);
	CHECK(rmdir(directory) == 0);
}

static void the_master_is_sent_with_its_name(void)
{
	int pair[2], master, slave, received = -1;
	size_t count = 1;
	char name[64] = "";

	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
	CHECK(terminal_open(devfd, &plain, &master, &slave, &err) == 0);
	CHECK(terminal_send(pair[0], master, &err) == 0);
	CHECK(fds_receive(pair[1], name, sizeof(name) - 1, &received, &count) > 0);
	CHECK(strncmp(name, "/dev/pts/", 9) == 0);
	CHECK(count == 1 && isatty(received));
	(void)close(received);
	(void)close(master);
	(void)close(slave);
	(void)close(pair[0]);
	(void)close(pair[1]);
}

static void a_missing_socket_is_named(void)
{
	CHECK(terminal_connect("/nowhere/socket", &err) < 0);
	CHECK_TEXT(err.text, "cannot connect to the socket '/nowhere/socket': no "
			     "such file or directory");
}

/* A devpts of our own, in a mount namespace of our own. */
static int open_devices(void)
{
	int fd;

	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", "/mnt", "tmpfs", 0, NULL) < 0 || mkdir("/mnt/pts", 0755) < 0 ||
	    mount("devpts", "/mnt/pts", "devpts", 0, "newinstance,ptmxmode=0666") < 0)
		return -1;
	fd = open("/mnt", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd;
}

int main(void)
{
	RUN(what_is_no_devpts_is_not_opened);
	RUN(a_missing_socket_is_named);
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L);
	devfd = open_devices();
	if (devfd < 0) {
		printf("# the rest is skipped: needs root and a devpts\n");
		return check_done();
	}
	RUN(size_and_owner_are_set);
	RUN(the_master_is_sent_with_its_name);
	RUN(all_output_comes_and_newlines_are_as_written);
	RUN(end_of_input_reaches_the_container);
	RUN(neither_direction_waits_for_the_other);
	RUN(signals_reach_the_container);
	RUN(closed_output_does_not_stop_the_container);
	RUN(it_ends_with_the_process_also_when_others_hold_the_terminal);
	RUN(a_terminal_is_raw_meanwhile_and_as_before_in_the_end);
	RUN(a_signal_leaves_the_terminal_as_before);
	RUN(keys_are_the_containers);
	return check_done();
}
