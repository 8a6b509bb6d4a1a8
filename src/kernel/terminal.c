/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/fds.h"
#include "base/syscalls.h"
#include "kernel/terminal.h"
#include "oci/config.h"

static int open_beneath(int dirfd, const char *name, uint64_t flags, uint64_t resolve)
{
	struct open_how how = {
		.flags = flags | O_CLOEXEC,
		.resolve = resolve | RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
			   RESOLVE_NO_MAGICLINKS,
	};

	return sys_openat2(dirfd, name, &how);
}

/*
 * The image may have put anything at /dev/pts, and opening a strange device already
 * acts on it; but in a devpts nothing can be made, linked or, with NO_XDEV, mounted over
 * (CVE-2025-52565).
 */
static int open_multiplexer(int devfd, struct error *err)
{
	auto_close int directory = open_beneath(devfd, "pts", O_PATH | O_DIRECTORY, 0);
	struct statfs status;
	int master;

	if (directory < 0)
		return error_set(err, errno, "cannot open '/dev/pts'");
	if (fstatfs(directory, &status) < 0)
		return error_set(err, errno, "cannot examine '/dev/pts'");
	if (status.f_type != DEVPTS_SUPER_MAGIC) {
		error_set(err, 0, "'/dev/pts' is not a devpts");
		return error_hint(err, "a terminal needs a mount of that type");
	}
	master = open_beneath(directory, "ptmx", O_RDWR | O_NOCTTY, RESOLVE_NO_XDEV);
	if (master < 0)
		return error_set(err, errno, "cannot open '/dev/pts/ptmx'");
	return master;
}

void terminal_copy_size(int master)
{
	struct winsize window;

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (ioctl(fd, TIOCGWINSZ, &window) < 0)
			continue;
		if (window.ws_row != 0 && window.ws_col != 0)
			(void)ioctl(master, TIOCSWINSZ, &window);
		return;
	}
}

static int set_size(int master, const struct config_box *size, struct error *err)
{
	struct winsize window = { 0 };

	if (size == NULL || size->height == 0 || size->width == 0) {
		terminal_copy_size(master);
		return 0;
	}
	if (size->height > UINT16_MAX || size->width > UINT16_MAX) {
		error_set(err, 0, "%" PRIu64 " x %" PRIu64 " is more than %d",
			  size->height, size->width, UINT16_MAX);
		return error_at(err, "process.consoleSize");
	}
	window.ws_row = (unsigned short)size->height;
	window.ws_col = (unsigned short)size->width;
	if (ioctl(master, TIOCSWINSZ, &window) < 0)
		return error_set(err, errno, "cannot set the terminal's size");
	return 0;
}

int terminal_open(int devfd, const struct config_process *process, int *master,
		  int *slave, struct error *err)
{
	uid_t uid = process->user == NULL ? 0 : (uid_t)process->user->uid;
	auto_close int ours = open_multiplexer(devfd, err);
	auto_close int theirs = -1;
	const int unlocked = 0;

	if (ours < 0)
		return -1;
	if (ioctl(ours, TIOCSPTLCK, &unlocked) < 0)
		return error_set(err, errno, "cannot unlock the terminal");
	/* Linux 4.13, ioctl_tty(2); a path could lead to another terminal. */
	theirs = ioctl(ours, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (theirs < 0)
		return error_set(err, errno, "cannot open the terminal");
	if (set_size(ours, process->console_size, err) < 0)
		return -1;
	/* The group is the mount's gid=. What cannot be given away still works by
	 * descriptor. */
	if (fchown(theirs, uid, (gid_t)-1) < 0 && errno != EPERM && errno != EROFS)
		return error_set(err, errno, "cannot give the terminal to uid %u", uid);
	*master = take_fd(&ours);
	*slave = take_fd(&theirs);
	return 0;
}

int terminal_attach(int slave, struct error *err)
{
	if (ioctl(slave, TIOCSCTTY, 0) < 0)
		return error_set(err, errno,
				 "cannot make the terminal the controlling one");
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (dup2(slave, fd) < 0)
			return error_set(err, errno, "cannot attach the terminal");
	/* dup2() of a descriptor to itself leaves its flag. */
	if (slave <= STDERR_FILENO && fcntl(slave, F_SETFD, 0) < 0)
		return error_set(err, errno, "cannot attach the terminal");
	return 0;
}

int terminal_connect(const char *path, struct error *err)
{
	int socketfd = fds_connect(AT_FDCWD, path, SOCK_STREAM);

	if (socketfd < 0)
		return error_set(err, errno, "cannot connect to the socket '%s'", path);
	return socketfd;
}

int terminal_send(int socket, int master, struct error *err)
{
	unsigned number;
	char name[32];

	if (ioctl(master, TIOCGPTN, &number) < 0)
		return error_set(err, errno, "cannot name the terminal");
	(void)snprintf(name, sizeof(name), "/dev/pts/%u", number);
	if (fds_send(socket, name, strlen(name), &master, 1) < 0)
		return error_set(err, errno,
				 "cannot send the terminal to the console socket");
	return 0;
}
