/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <syslog.h>
#include <unistd.h>

#include "base/error.h"
#include "base/fds.h"
#include "base/log_socket.h"
#include "base/text.h"

static const struct {
	const char *prefix;
	enum log_socket_kind kind;
	const char *path;
} kinds[] = {
	{ "journald:", LOG_SOCKET_JOURNAL, "/run/systemd/journal/socket" },
	{ "syslog:", LOG_SOCKET_SYSLOG, "/dev/log" },
};

int log_socket_open(struct log_socket *socket, const char *destination, struct error *err)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t length = strlen(kinds[i].prefix);
		int fd;

		if (strncmp(destination, kinds[i].prefix, length) != 0)
			continue;
		fd = fds_connect(AT_FDCWD, kinds[i].path, SOCK_DGRAM);
		if (fd < 0) {
			(void)error_set(err, errno, "'%s': nobody listens at '%s'",
					destination, kinds[i].path);
			return error_hint(err, "--log FILE does without");
		}
		*socket = (struct log_socket){ kinds[i].kind, fd, destination + length };
		return 1;
	}
	return 0;
}

/* Control characters are written out: a line end would begin another field. */
static void put_journal(struct text *line, int priority, const char *name,
			const char *message)
{
	text_format(line, "PRIORITY=%d\nSYSLOG_IDENTIFIER=", priority);
	text_put_printable(line, name);
	text_put(line, "\nMESSAGE=");
	text_put_printable(line, message);
	text_put(line, "\n");
}

/* Without the time, which is local and would take the zone's file: the daemon has its
 * own. */
static void put_syslog(struct text *line, int priority, const char *name,
		       const char *message)
{
	text_format(line, "<%d>", LOG_USER | priority);
	text_put_printable(line, name);
	text_format(line, "[%d]: ", getpid());
	text_put_printable(line, message);
}

void log_socket_write(const struct log_socket *socket, int priority, const char *program,
		      const char *message)
{
	const char *name = socket->name[0] != '\0' ? socket->name : program;
	auto_text struct text line = { 0 };

	if (socket->kind == LOG_SOCKET_JOURNAL)
		put_journal(&line, priority, name, message);
	else
		put_syslog(&line, priority, name, message);
	(void)send(socket->fd, line.data, line.length, MSG_NOSIGNAL);
}
