/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fds.h"
#include "container/sync.h"

enum { SHORT = offsetof(struct sync_message, error) }; /* all but SYNC_ERROR */

int sync_open(int ends[2], struct error *err)
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return error_set(err, errno, "cannot create a socket pair");
	return 0;
}

int sync_send_go(int socket, const struct seccomp_program *program, struct error *err)
{
	static const struct seccomp_program none;
	int sent;

	/* A profile fills a few KiB of the 32 that a program may have: the length comes
	 * first, only what is used follows. */
	if (program == NULL)
		program = &none;
	sent = fds_send(socket, program,
			offsetof(struct seccomp_program, instructions) +
				program->length * sizeof(program->instructions[0]),
			NULL, 0);
	/* A child that failed has closed its end; what it said is read next. */
	if (sent < 0 && errno != EPIPE && errno != ECONNRESET)
		return error_set(err, errno, "cannot reach the container process");
	return 0;
}

static int tell(int socket, enum sync_type type, struct error *err)
{
	const struct sync_message message = { .type = type };

	if (fds_send(socket, &message, SHORT, NULL, 0) < 0)
		return error_set(err, errno, "cannot reach the container process");
	return 0;
}

int sync_send_taken(int socket, struct error *err)
{
	return tell(socket, SYNC_TAKEN, err);
}

int sync_send_devices(int socket, struct error *err)
{
	/* As above: what a child said that failed is read next. */
	if (tell(socket, SYNC_DEVICES, err) < 0 && err->code != EPIPE &&
	    err->code != ECONNRESET)
		return -1;
	return 0;
}

int sync_wait_go(int socket, struct seccomp_program *program, struct error *err)
{
	size_t none = 0;
	ssize_t size = fds_receive(socket, program, sizeof(*program), NULL, &none);

	if (size < 0)
		return error_set(err, errno, "cannot hear the launcher");
	if (size == 0)
		return error_set(err, 0, "the launcher is gone");
	return 0;
}

/* write(2), since a seccomp filter may be in force that knows nothing of sockets. */
static int put(int socket, enum sync_type type, int number, struct error *err)
{
	const struct sync_message message = { .type = type, .number = number };

	if (write(socket, &message, SHORT) < 0)
		return error_set(err, errno, "cannot reach the launcher");
	return 0;
}

int sync_send(int socket, enum sync_type type, struct error *err)
{
	return put(socket, type, -1, err);
}

static int wait_word(int socket, struct error *err)
{
	struct sync_message message;
	ssize_t size;

	do
		size = read(socket, &message, SHORT);
	while (size < 0 && errno == EINTR);
	if (size == 0)
		return error_set(err, 0, "the launcher is gone");
	return size > 0 ? 0 : error_set(err, errno, "cannot hear the launcher");
}

int sync_wait_devices(int socket, struct error *err)
{
	return wait_word(socket, err);
}

int sync_offer_listener(int socket, int listener, struct error *err)
{
	if (put(socket, SYNC_LISTENER, listener, err) < 0)
		return -1;
	return wait_word(socket, err);
}

int sync_pass_listener(int socket, int listener, struct error *err)
{
	const struct sync_message message = { .type = SYNC_LISTENER };

	if (fds_send(socket, &message, SHORT, &listener, 1) < 0)
		return error_set(err, errno, "cannot pass the listener on");
	return wait_word(socket, err);
}

int sync_send_terminal(int socket, int master, struct error *err)
{
	const struct sync_message message = { .type = SYNC_TERMINAL };

	if (fds_send(socket, &message, SHORT, &master, 1) < 0)
		return error_set(err, errno, "cannot hand over the terminal");
	return 0;
}

void sync_send_error(int socket, const struct error *err)
{
	struct sync_message message = { .type = SYNC_ERROR };

	message.error = *err;
	/* write(2), as above; where the launcher is gone, nobody is left to be told. */
	(void)!write(socket, &message, sizeof(message));
}

int sync_receive(int socket, struct sync_message *message, struct error *err)
{
	size_t count;
	ssize_t size;

	/* A child that ended with our GO unread resets the connection, once; what it said
	 * before that is still there to be read. */
	do {
		count = 1;
		size = fds_receive(socket, message, sizeof(*message), &message->fd,
				   &count);
	} while (size < 0 && errno == ECONNRESET);
	if (size < 0)
		return error_set(err, errno, "cannot hear the container process");
	if (size < SHORT)
		message->type = SYNC_END;
	if (count == 0)
		message->fd = -1;
	return 0;
}
