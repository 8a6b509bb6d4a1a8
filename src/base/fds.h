/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* fds - descriptors: closing many, passing some, finding a socket by path. */

#include <stddef.h>
#include <sys/types.h>

struct error;

enum { FDS_PASSED_MAX = 8 };

/* Closes, or marks close-on-exec, every descriptor from `first` on. Linux 5.11,
 * close_range(2). -1 and errno. */
int fds_close_from(int first);
int fds_cloexec_from(int first);

/* Sends bytes with descriptors as one message (SCM_RIGHTS, unix(7)); -1 and errno.
 * Never raises SIGPIPE. */
int fds_send(int socket, const void *bytes, size_t size, const int *fds, size_t count);

/*
 * Receives one message: its size, 0 at end of file, -1 and errno. *count is the room in
 * fds on entry, the number of (close-on-exec, owned) descriptors on return; fds may be
 * NULL when *count is 0. A message larger than size is an error (EMSGSIZE).
 */
ssize_t fds_receive(int socket, void *bytes, size_t size, int *fds, size_t *count);

/* Connects a new socket of the type (SOCK_STREAM, SOCK_SEQPACKET) to the unix socket
 * dirfd/path, also when the path has more than the 107 bytes of unix(7). An owned
 * descriptor, or -1 and errno. */
int fds_connect(int dirfd, const char *path, int type);

/* A socket bound to dirfd/path, for datagrams. An owned descriptor, or -1 and errno. */
int fds_bind(int dirfd, const char *path, int type);

/* A listening socket bound to dirfd/path. An owned descriptor, or -1 and errno. */
int fds_listen(int dirfd, const char *path, int type);

/* Opens /dev/null for each of 0, 1 and 2 that the caller has closed: else the next thing
 * that is opened would be taken for a stream, by us and by the payload. */
void fds_open_standard(void);
