/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "kernel/cgroup_files.h"

enum { PROCS_MAX = 64 << 20 };

static int open_directory(int parentfd, const char *name)
{
	return openat(parentfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

static bool is_child(const struct dirent *entry)
{
	return entry->d_type == DT_DIR && strcmp(entry->d_name, ".") != 0 &&
	       strcmp(entry->d_name, "..") != 0;
}

/* The name of the next cgroup below that was not looked at; NULL and errno 0 at the end.
 */
static const char *next_child(DIR *stream)
{
	struct dirent *entry;

	do {
		errno = 0;
		entry = readdir(stream);
	} while (entry != NULL && !is_child(entry));
	return entry == NULL ? NULL : entry->d_name;
}

/* Sixty files would be listed for nothing: a directory of kernfs counts its children. */
static bool has_children(int fd)
{
	struct stat status;

	return fstat(fd, &status) < 0 || status.st_nlink > 2;
}

static int collect_own(int fd, struct text *pids)
{
	auto_text struct text procs = { 0 };
	struct error err;

	if (file_read(fd, "cgroup.procs", PROCS_MAX, &procs, &err) < 0) {
		errno = err.code;
		/* In a threaded cgroup: its domain above lists the processes
		 * (cgroups(7)). */
		return cgroup_is_gone(errno) || errno == EOPNOTSUPP ? 0 : -1;
	}
	for (char *at = procs.data; at != NULL && *at != '\0';) {
		pid_t pid = (pid_t)strtol(at, &at, 10);

		text_add(pids, &pid, sizeof(pid));
		at += strspn(at, "\n");
	}
	return 0;
}

static int collect(int fd, struct text *pids);

static int collect_children(int fd, struct text *pids)
{
	auto_dir DIR *stream = fdopendir(fd);
	const char *name;

	if (stream == NULL) {
		(void)close(fd);
		return -1;
	}
	while ((name = next_child(stream)) != NULL) {
		int childfd = open_directory(fd, name);

		if (childfd < 0 && !cgroup_is_gone(errno))
			return -1;
		if (childfd >= 0 && collect(childfd, pids) < 0)
			return -1;
	}
	return cgroup_is_gone(errno) || errno == 0 ? 0 : -1;
}

/* Takes the descriptor. */
static int collect(int fd, struct text *pids)
{
	auto_close int own = fd;

	if (collect_own(fd, pids) < 0)
		return -1;
	return has_children(fd) ? collect_children(take_fd(&own), pids) : 0;
}

int cgroup_pids_collect(const char *directory, struct text *pids)
{
	int fd = open_directory(AT_FDCWD, directory);

	if (fd < 0)
		return cgroup_is_gone(errno) ? 0 : -1;
	return collect(fd, pids);
}

/* Opens the first child of the cgroup and adds its name, NUL included, to *names: 1; 0 if
 * there is none. */
static int descend(int *fd, struct text *names)
{
	auto_dir DIR *stream = NULL;
	const char *name;
	int childfd;

	if (!has_children(*fd))
		return 0;
	/* Another open file: a shared position would stay at the end of the list. */
	childfd = open_directory(*fd, ".");
	stream = childfd < 0 ? NULL : fdopendir(childfd);
	if (stream == NULL)
		return cgroup_is_gone(errno) ? 0 : -1;
	name = next_child(stream);
	if (name == NULL)
		return cgroup_is_gone(errno) || errno == 0 ? 0 : -1;
	childfd = open_directory(*fd, name);
	if (childfd < 0)
		return cgroup_is_gone(errno) ? 1 : -1;
	text_add(names, name, strlen(name) + 1);
	(void)close(*fd);
	*fd = childfd;
	return 1;
}

/* Goes up, and removes the cgroup it came from, whose name leaves *names. */
static int ascend(int *fd, struct text *names)
{
	int parentfd = open_directory(*fd, "..");
	size_t start = names->length - 1;

	if (parentfd < 0)
		return -1;
	(void)close(*fd);
	*fd = parentfd;
	while (start > 0 && names->data[start - 1] != '\0')
		start--;
	names->length = start;
	if (unlinkat(*fd, names->data + start, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return -1;
	return 0;
}

/*
 * Neither recursion nor a descriptor per level: a container that may write to its cgroup
 * can nest deeper than any stack, descriptor limit or PATH_MAX.
 */
static int remove_children(int fd)
{
	auto_close int current = fd;
	auto_text struct text names = { 0 };

	for (;;) {
		int found = descend(&current, &names);

		if (found < 0)
			return -1;
		if (found == 0 && names.length == 0)
			return 0;
		if (found == 0 && ascend(&current, &names) < 0)
			return -1;
	}
}

int cgroup_directory_remove(const char *directory)
{
	int fd;

	if (rmdir(directory) == 0 || errno == ENOENT)
		return 0;
	if (errno != EBUSY && errno != ENOTEMPTY)
		return -1;
	fd = open_directory(AT_FDCWD, directory);
	if (fd < 0)
		return cgroup_is_gone(errno) ? 0 : -1;
	if (remove_children(fd) < 0)
		return -1;
	return rmdir(directory) == 0 || errno == ENOENT ? 0 : -1;
}
