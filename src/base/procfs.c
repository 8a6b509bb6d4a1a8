/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/procfs.h"
#include "base/syscalls.h"

int procfs_open(struct error *err)
{
	auto_close int fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct statfs status;

	if (fd < 0 || fstatfs(fd, &status) < 0)
		return error_set(err, errno, "cannot open '/proc'");
	if (status.f_type != PROC_SUPER_MAGIC)
		return error_set(err, 0, "what is mounted on '/proc' is no procfs");
	return take_fd(&fd);
}

/* top: what `directory` is, for the message. */
static int write_below(int directory, const char *top, const char *path,
		       const char *value, struct error *err)
{
	const struct open_how how = {
		.flags = O_WRONLY | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	auto_close int fd = sys_openat2(directory, path, &how);
	ssize_t put;

	if (fd < 0)
		return error_set(err, errno, "cannot open '%s/%s'", top, path);
	do
		put = write(fd, value, strlen(value));
	while (put < 0 && errno == EINTR);
	if (put < 0)
		return error_set(err, errno, "cannot write to '%s/%s'", top, path);
	return 0;
}

int procfs_write(int procfd, const char *path, const char *value, struct error *err)
{
	return write_below(procfd, "/proc", path, value, err);
}

int procfs_write_self(int procfd, const char *path, const char *value, struct error *err)
{
	/* A link, but procfs's own: only procfd says which /proc that is. */
	auto_close int self =
		openat(procfd, "thread-self", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (self < 0)
		return error_set(err, errno, "cannot open '/proc/thread-self'");
	return write_below(self, "/proc/thread-self", path, value, err);
}
