/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/fds.h"

/* The room for descriptors, aligned as cmsg(3) wants it. */
union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(FDS_PASSED_MAX * sizeof(int))];
};

int fds_close_from(int first)
{
	return close_range((unsigned)first, ~0U, 0);
}

int fds_cloexec_from(int first)
{
	return close_range((unsigned)first, ~0U, CLOSE_RANGE_CLOEXEC);
}

/* iovec has no const; sendmsg() does not write. */
static struct iovec span(const void *bytes, size_t size)
{
	union {
		const void *read_only;
		void *any;
	} start = { bytes };

	return (struct iovec){ .iov_base = start.any, .iov_len = size };
}

int fds_send(int socket, const void *bytes, size_t size, const int *fds, size_t count)
{
	struct iovec iov = span(bytes, size);
	union control control = { 0 };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t sent;

	if (count > FDS_PASSED_MAX)
		return errno = EINVAL, -1;
	if (count > 0) {
		message.msg_control = control.bytes;
		message.msg_controllen = CMSG_SPACE(count * sizeof(int));
		control.align.cmsg_level = SOL_SOCKET;
		control.align.cmsg_type = SCM_RIGHTS;
		control.align.cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(&control.align), fds, count * sizeof(int));
	}
	do
		sent = sendmsg(socket, &message, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	if (sent < 0)
		return -1;
	return (size_t)sent == size ? 0 : (errno = EMSGSIZE, -1);
}

/* Moves the descriptors of a message to fds, which has the room: the kernel was told. */
static size_t take_passed(struct msghdr *message, int *fds)
{
	size_t count = 0;

	for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part != NULL;
	     part = CMSG_NXTHDR(message, part)) {
		size_t bytes = part->cmsg_len - CMSG_LEN(0);

		if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS)
			continue;
		memcpy(fds + count, CMSG_DATA(part), bytes);
		count += bytes / sizeof(int);
	}
	return count;
}

ssize_t fds_receive(int socket, void *bytes, size_t size, int *fds, size_t *count)
{
	size_t room = *count < FDS_PASSED_MAX ? *count : FDS_PASSED_MAX;
	struct iovec iov = { .iov_base = bytes, .iov_len = size };
	union control control = { 0 };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
	int passed[FDS_PASSED_MAX];
	size_t passed_count;
	ssize_t got;

	if (room > 0) {
		message.msg_control = control.bytes;
		/* CMSG_SPACE would be rounded up to room for one descriptor more. */
		message.msg_controllen = CMSG_LEN(room * sizeof(int));
	}
	do
		got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return -1;

	passed_count = take_passed(&message, passed);
	if (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
		for (size_t i = 0; i < passed_count; i++)
			(void)close(passed[i]);
		return errno = EMSGSIZE, -1;
	}
	for (size_t i = 0; i < passed_count; i++)
		fds[i] = passed[i];
	*count = passed_count;
	return got;
}

static int address_set(struct sockaddr_un *address, const char *path)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(address->sun_path))
		return errno = ENAMETOOLONG, -1;
	memcpy(address->sun_path, path, strlen(path) + 1);
	return 0;
}

/* unix(7) has no connectat(), and 107 bytes of path: a descriptor's name in /proc does
 * for both. The plain name is tried first because it needs no procfs. */
static int is_plain(int dirfd, const char *path)
{
	return (dirfd == AT_FDCWD || path[0] == '/') &&
	       strlen(path) < sizeof(((struct sockaddr_un *)NULL)->sun_path);
}

int fds_connect(int dirfd, const char *path, int type)
{
	auto_close int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	auto_close int file = -1;
	struct sockaddr_un address;
	char name[64];

	if (fd < 0)
		return -1;
	if (!is_plain(dirfd, path)) {
		file = openat(dirfd, path, O_PATH | O_CLOEXEC);
		if (file < 0)
			return -1;
		(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", file);
		path = name;
	}
	if (address_set(&address, path) < 0)
		return -1;
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return -1;
	return take_fd(&fd);
}

/* Opens the directory part of the path, and makes *name the way to the rest. */
static int open_parent(int dirfd, const char *path, char **name)
{
	const char *slash = strrchr(path, '/');
	auto_free char *directory = NULL;
	int fd;

	directory =
		slash == NULL ? strdup(".") : strndup(path, (size_t)(slash - path) + 1);
	if (directory == NULL)
		return -1;
	fd = openat(dirfd, directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	if (asprintf(name, "/proc/self/fd/%d/%s", fd, slash == NULL ? path : slash + 1) <
	    0)
		*name = NULL;
	return fd;
}

int fds_bind(int dirfd, const char *path, int type)
{
	auto_close int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	auto_close int directory = -1;
	auto_free char *name = NULL;
	struct sockaddr_un address;

	if (fd < 0)
		return -1;
	if (!is_plain(dirfd, path)) {
		directory = open_parent(dirfd, path, &name);
		if (directory < 0)
			return -1;
		if (name == NULL)
			return errno = ENOMEM, -1;
		path = name;
	}
	if (address_set(&address, path) < 0)
		return -1;
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return -1;
	return take_fd(&fd);
}

int fds_listen(int dirfd, const char *path, int type)
{
	auto_close int fd = fds_bind(dirfd, path, type);

	if (fd < 0 || listen(fd, SOMAXCONN) < 0)
		return -1;
	return take_fd(&fd);
}

void fds_open_standard(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		/* open(2) takes the lowest that is free: this one. */
		if (fcntl(fd, F_GETFD) < 0)
			(void)!open("/dev/null", O_RDWR);
	}
}
