/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/fds.h"
#include "container/environment.h"
#include "container/notify.h"
#include "kernel/inside.h"

enum { BARRIER_MILLISECONDS = 30000 };

bool notify_is_wanted(void)
{
	const char *host = getenv("NOTIFY_SOCKET");

	return host != NULL && host[0] != '\0';
}

int notify_make(int entryfd, struct error *err)
{
	/* Whatever the umask and the user in the container. */
	if (mkdirat(entryfd, "notify", 0755) < 0 ||
	    fchmodat(entryfd, "notify", 0755, 0) < 0)
		return error_set(err, errno, "cannot make the directory 'notify'");
	return 0;
}

int notify_listen(int entryfd, int *socket, struct error *err)
{
	auto_close int bound = -1;

	*socket = -1;
	if (faccessat(entryfd, "notify", F_OK, 0) < 0)
		return 0;
	bound = fds_bind(entryfd, "notify/notify.sock", SOCK_DGRAM);
	if (bound < 0 || fchmodat(entryfd, "notify/notify.sock", 0777, 0) < 0)
		return error_set(err, errno, "cannot make 'notify.sock'");
	*socket = take_fd(&bound);
	return 0;
}

int notify_open(const char *root, const char *id, struct error *err)
{
	auto_arena struct arena arena = { 0 };
	const char *path = arena_format(&arena, "%s/%s/notify", root, id);
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
					       MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
				   .propagation = MS_PRIVATE };
	auto_close int mount =
		open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (mount < 0 || mount_setattr(mount, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0)
		return error_set(err, errno, "cannot open '%s'", path);
	return take_fd(&mount);
}

int notify_attach(int mount, int tree, struct error *err)
{
	auto_close int place = inside_make_directory(tree, NOTIFY_PLACE, 0755, err);

	if (place < 0)
		return -1;
	if (move_mount(mount, "", place, "",
		       MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return error_set(err, errno, "cannot attach '" NOTIFY_PLACE "'");
	return 0;
}

char **notify_environment(char **env)
{
	static struct arena arena;
	static char own[] = "NOTIFY_SOCKET=" NOTIFY_PLACE "/notify.sock";
	char *const assignments[] = { own, NULL };

	return environment_with(&arena, env, assignments);
}

/* A line of the message, which may have others. */
static bool says_ready(const char *message)
{
	for (;;) {
		size_t length = strcspn(message, "\n");

		if (length == 7 && strncmp(message, "READY=1", 7) == 0)
			return true;
		if (message[length] == '\0')
			return false;
		message += length + 1;
	}
}

bool notify_is_ready(int socket)
{
	char message[4096];
	bool ready = false;
	ssize_t size;

	while ((size = recv(socket, message, sizeof(message) - 1, MSG_DONTWAIT)) >= 0) {
		message[size] = '\0';
		ready = ready || says_ready(message);
	}
	return ready;
}

/* A descriptor in the message, which the manager closes once it has read it. */
static int send_to_host(const char *text, const int *fds, size_t count)
{
	const char *host = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t length = strlen(host);
	auto_close int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || length >= sizeof(address.sun_path))
		return -1;
	memcpy(address.sun_path, host, length);
	if (host[0] == '@') /* the abstract name space, unix(7) */
		address.sun_path[0] = '\0';
	if (connect(fd, (const struct sockaddr *)&address,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) < 0)
		return -1;
	return fds_send(fd, text, strlen(text), fds, count);
}

/* Until all that was sent before has been read: else it may come from a process that has
 * ended, and nobody knows whose; sd_notify_barrier(3). */
static void wait_for_host(void)
{
	struct pollfd end = { .events = 0 };
	auto_close int reader = -1;
	int ends[2], result;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return;
	reader = ends[0];
	result = send_to_host("BARRIER=1", &ends[1], 1);
	(void)close(ends[1]);
	end.fd = reader;
	if (result == 0)
		(void)poll(&end, 1, BARRIER_MILLISECONDS);
}

void notify_tell(pid_t pid)
{
	char text[64] = "READY=1\n";

	if (pid > 0)
		(void)snprintf(text, sizeof(text), "MAINPID=%d\nREADY=1\n", pid);
	if (send_to_host(text, NULL, 0) == 0 && pid > 0)
		wait_for_host();
}

void notify_wait(int socket, int pidfd, pid_t pid)
{
	struct pollfd events[] = { { .fd = socket, .events = POLLIN },
				   { .fd = pidfd, .events = POLLIN } };

	if (socket < 0)
		return;
	while (poll(events, 2, -1) >= 0 || errno == EINTR) {
		if (events[0].revents != 0 && notify_is_ready(socket)) {
			notify_tell(pid);
			return;
		}
		if (events[0].revents == 0 && events[1].revents != 0)
			return;
	}
}
