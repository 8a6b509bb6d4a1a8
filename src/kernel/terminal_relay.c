/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "base/error.h"
#include "base/process.h"
#include "kernel/terminal.h"

/* One direction: what was read and is still to be written. */
struct stream {
	int from, to;
	char bytes[16 * 1024];
	size_t start, end; /* of what waits in bytes */
	bool ended;        /* nothing more comes from `from` */
};

struct relay {
	int master, pidfd, signalfd;
	/* While a slave is open a read of the master says "nothing now" and not "the
	 * end", also where the container closes its own and opens /dev/console later. */
	int slave;
	struct termios saved;
	bool raw;               /* standard input is, and `saved` what it was */
	bool stdin_is_terminal; /* else its end is told to the container */
	bool line_is_open;      /* the last byte of the input was no newline */
	bool exited, abandoned;
	struct stream input, output;
};

enum { INPUT, OUTPUT, MASTER, PROCESS, SIGNALS, WATCHED };

/* A terminal's output goes line by line as before (OPOST stays, as in runc): the pty
 * leaves its newlines alone instead, so that output into a file has no carriage
 * returns. */
static void make_raw(struct relay *relay)
{
	struct termios raw;

	/* In the background the terminal is somebody else's. */
	if (!relay->stdin_is_terminal || tcgetpgrp(STDIN_FILENO) != getpgrp() ||
	    tcgetattr(STDIN_FILENO, &raw) < 0)
		return;
	if (!relay->raw)
		relay->saved = raw;
	cfmakeraw(&raw);
	raw.c_oflag |= OPOST;
	relay->raw = tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) == 0 || relay->raw;
}

static void relay_release(struct relay *relay)
{
	if (relay->raw)
		(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &relay->saved);
	if (relay->slave >= 0)
		(void)close(relay->slave);
}

void terminal_prepare(int master)
{
	struct termios attributes;

	terminal_copy_size(master);
	if (tcgetattr(master, &attributes) < 0)
		return;
	attributes.c_oflag &= ~(tcflag_t)ONLCR;
	(void)tcsetattr(master, TCSANOW, &attributes);
}

/* SIGPIPE is about our own standard output, SIGTTIN and SIGTTOU about our own place in
 * the session. Everything else is meant for the container. */
static void handle_signal(struct relay *relay, int number)
{
	switch (number) {
	case SIGCHLD:
	case SIGPIPE:
	case SIGURG:
	case SIGTTIN:
	case SIGTTOU:
		return;
	case SIGWINCH:
		terminal_copy_size(relay->master);
		return;
	case SIGCONT: /* others had the terminal, and a read in the background failed */
		make_raw(relay);
		terminal_copy_size(relay->master);
		relay->input.ended = relay->input.ended && !relay->stdin_is_terminal;
		break;
	default:
		break;
	}
	/* After the end there is nobody to tell: it is a wish to stop waiting for those
	 * who read the output. */
	if (relay->exited && number != SIGCONT)
		relay->abandoned = true;
	(void)pidfd_send_signal(relay->pidfd, number, NULL, 0);
}

static void read_signals(struct relay *relay)
{
	struct signalfd_siginfo signals[16];
	ssize_t size = read(relay->signalfd, signals, sizeof(signals));

	for (ssize_t i = 0; i < size / (ssize_t)sizeof(signals[0]); i++)
		handle_signal(relay, (int)signals[i].ssi_signo);
}

static bool is_empty(const struct stream *stream)
{
	return stream->start == stream->end;
}

/* Returns 0 at the end of the input, -1 when there is nothing now. */
static ssize_t stream_read(struct stream *stream)
{
	ssize_t size = read(stream->from, stream->bytes, sizeof(stream->bytes));

	if (size < 0 && (errno == EAGAIN || errno == EINTR))
		return -1;
	stream->start = 0;
	stream->end = size > 0 ? (size_t)size : 0;
	/* EIO: the last slave is closed, or our terminal hung up. */
	stream->ended = size <= 0;
	return size > 0 ? size : 0;
}

/* At most PIPE_BUF bytes, which a pipe that poll() calls writable takes without
 * blocking: O_NONBLOCK would be set for everybody who shares our standard output. */
static void stream_write(struct stream *stream)
{
	size_t size = stream->end - stream->start;
	ssize_t written = write(stream->to, stream->bytes + stream->start,
				size < PIPE_BUF ? size : PIPE_BUF);

	if (written < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	/* Nobody reads: the container must not be held up by that. */
	stream->start = written >= 0 ? stream->start + (size_t)written : stream->end;
}

/* End of file for a terminal is a character, termios(3) VEOF: once it hands over an open
 * line, and once more on an empty one. */
static void add_end_of_file(struct relay *relay)
{
	struct termios attributes;
	struct stream *input = &relay->input;
	size_t count = relay->line_is_open ? 2 : 1;

	if (relay->stdin_is_terminal || tcgetattr(relay->master, &attributes) < 0)
		return;
	memset(input->bytes, attributes.c_cc[VEOF], count);
	input->start = 0;
	input->end = count;
}

static void read_input(struct relay *relay)
{
	struct stream *input = &relay->input;
	ssize_t size = stream_read(input);

	if (size == 0)
		add_end_of_file(relay);
	else if (size > 0)
		relay->line_is_open = input->bytes[input->end - 1] != '\n';
}

static void watch(const struct relay *relay, struct pollfd *watched)
{
	const struct stream *input = &relay->input, *output = &relay->output;
	bool reads_input = is_empty(input) && !input->ended && !relay->exited;
	bool reads_output = is_empty(output) && !output->ended;
	bool writes_input = !is_empty(input) && !relay->exited;
	short master =
		(short)((reads_output ? POLLIN : 0) | (writes_input ? POLLOUT : 0));

	watched[INPUT] = (struct pollfd){ reads_input ? STDIN_FILENO : -1, POLLIN, 0 };
	watched[OUTPUT] =
		(struct pollfd){ is_empty(output) ? -1 : STDOUT_FILENO, POLLOUT, 0 };
	watched[MASTER] = (struct pollfd){ master != 0 ? relay->master : -1, master, 0 };
	watched[PROCESS] =
		(struct pollfd){ relay->exited ? -1 : relay->pidfd, POLLIN, 0 };
	watched[SIGNALS] = (struct pollfd){ relay->signalfd, POLLIN, 0 };
}

/* Once the process has ended, what it wrote is in the pty: a read finds all of it or
 * says that there is none, also where others keep the slave open. */
static void read_output(struct relay *relay)
{
	if (is_empty(&relay->output) && !relay->output.ended &&
	    stream_read(&relay->output) < 0 && relay->exited)
		relay->output.ended = true;
}

static void act(struct relay *relay, const struct pollfd *watched)
{
	if (watched[SIGNALS].revents != 0)
		read_signals(relay);
	if (watched[PROCESS].revents != 0)
		relay->exited = true;
	if (watched[INPUT].revents != 0)
		read_input(relay);
	if (watched[OUTPUT].revents != 0)
		stream_write(&relay->output);
	if ((watched[MASTER].revents & POLLOUT) != 0 && !is_empty(&relay->input))
		stream_write(&relay->input);
	else if ((watched[MASTER].revents & POLLHUP) != 0)
		relay->input.start = relay->input.end;
	if ((watched[MASTER].revents & (POLLIN | POLLHUP | POLLERR)) != 0 ||
	    relay->exited)
		read_output(relay);
}

static bool is_done(const struct relay *relay)
{
	return relay->exited &&
	       (relay->abandoned || (relay->output.ended && is_empty(&relay->output)));
}

static int relay_run(struct relay *relay, struct error *err)
{
	struct pollfd watched[WATCHED];

	while (!is_done(relay)) {
		watch(relay, watched);
		if (poll(watched, WATCHED, -1) < 0 && errno != EINTR)
			return error_set(err, errno, "cannot wait for the terminal");
		act(relay, watched);
	}
	return 0;
}

int terminal_relay(int master, int pidfd, int signalfd, struct error *err)
{
	__attribute__((cleanup(relay_release))) struct relay relay = {
		.master = master,
		.pidfd = pidfd,
		.signalfd = signalfd,
		.slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC),
		.stdin_is_terminal = isatty(STDIN_FILENO) == 1,
		.input = { .from = STDIN_FILENO, .to = master },
		.output = { .from = master, .to = STDOUT_FILENO },
	};
	int status;

	/* The container may read slowly and write much: neither must wait for the
	 * other. The description is ours alone, the container has the slave's. */
	if (fcntl(master, F_SETFL, O_RDWR | O_NONBLOCK) < 0)
		return error_set(err, errno, "cannot relay the terminal");
	terminal_prepare(master);
	make_raw(&relay);
	if (relay_run(&relay, err) < 0)
		return -1;
	status = process_wait(pidfd);
	if (status < 0)
		return error_set(err, errno, "cannot wait for the container process");
	return status;
}
