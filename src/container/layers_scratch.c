/* SPDX-License-Identifier: Apache-2.0 */
#include "container/layers_scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/tree.h"

static int cannot(const char *what, const char *name, struct error *err)
{
	return error_set(err, errno, "cannot %s 'layers/scratch/%s'", what, name);
}

static int open_one(int scratchfd, const char *name)
{
	return openat(scratchfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Whoever had the lock has removed the directory before it let go. */
static bool is_there(int scratchfd, const char *name, int fd)
{
	struct stat ours, there;

	return fstat(fd, &ours) == 0 &&
	       fstatat(scratchfd, name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	       ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

static int empty(int fd, struct error *err)
{
	int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_dir DIR *list = again < 0 ? NULL : fdopendir(again);
	const struct dirent *entry;

	if (list == NULL)
		return error_set(err, errno, "cannot read 'layers/scratch'");
	while (errno = 0, (entry = readdir(list)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (tree_remove(fd, entry->d_name, err) < 0)
			return -1;
	}
	return errno == 0 ? 0 : error_set(err, errno, "cannot read 'layers/scratch'");
}

int layers_scratch_take(int scratchfd, const char *name, struct error *err)
{
	for (;;) {
		auto_close int fd = -1;

		if (mkdirat(scratchfd, name, 0700) < 0 && errno != EEXIST)
			return cannot("make", name, err);
		fd = open_one(scratchfd, name);
		if (fd < 0 && errno == ENOENT)
			continue;
		if (fd < 0)
			return cannot("open", name, err);
		if (flock(fd, LOCK_EX) < 0)
			return cannot("lock", name, err);
		if (!is_there(scratchfd, name, fd))
			continue;
		return empty(fd, err) < 0 ? -1 : take_fd(&fd);
	}
}

void layers_scratch_drop(int scratchfd, const char *name, int *fd)
{
	struct error ignored;

	if (*fd < 0)
		return;
	(void)tree_remove(scratchfd, name, &ignored);
	(void)close(*fd);
	*fd = -1;
}

int layers_scratch_sweep(int scratchfd, const char *name, enum layers_scratch_flags flags,
			 struct error *err)
{
	auto_close int fd = open_one(scratchfd, name);

	if (fd < 0)
		return errno == ENOENT ? 0 : cannot("open", name, err);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? 0 : cannot("lock", name, err);
	if (!is_there(scratchfd, name, fd))
		return 0;
	if ((flags & LAYERS_SCRATCH_KEEP) == 0 && tree_remove(scratchfd, name, err) < 0)
		return -1;
	return 1;
}

/* What cannot be removed is in nobody's way. */
static void remove_waste(int scratchfd)
{
	int again = openat(scratchfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_dir DIR *list = again < 0 ? NULL : fdopendir(again);
	const struct dirent *entry;
	struct error ignored;

	while (list != NULL && (entry = readdir(list)) != NULL) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			(void)layers_scratch_sweep(scratchfd, entry->d_name, 0, &ignored);
	}
}

/* Not for other users: what is in it has its set-user-ID bits. */
int layers_scratch_open(const char *store, struct error *err)
{
	auto_close int storefd = tree_make(AT_FDCWD, store, err);
	int fd = -1;

	if (storefd < 0)
		return -1;
	if (mkdirat(storefd, "scratch", 0700) == 0 || errno == EEXIST)
		fd = openat(storefd, "scratch", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return error_set(err, errno, "cannot make '%s/scratch'", store);
	remove_waste(fd);
	return fd;
}
