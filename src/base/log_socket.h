/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * log_socket - lines for the host's journal or its syslog, a datagram each, as crun names
 * them: "journald:NAME", "syslog:NAME". Contract: systemd's JOURNAL_NATIVE_PROTOCOL;
 * RFC 3164 as syslog(3) writes it to /dev/log.
 */

struct error;

enum log_socket_kind {
	LOG_SOCKET_NONE,
	LOG_SOCKET_JOURNAL,
	LOG_SOCKET_SYSLOG,
};

struct log_socket {
	enum log_socket_kind kind;
	int fd;
	const char *name; /* the caller's; empty: that of the program */
};

/* 1 once it is connected, 0 if the destination is none of the two. */
int log_socket_open(struct log_socket *socket, const char *destination,
		    struct error *err);

/* The priority is that of syslog(3). Where nobody listens any more it is lost. */
void log_socket_write(const struct log_socket *socket, int priority, const char *program,
		      const char *message);
