/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/syscalls.h"
#include "base/tree.h"

enum {
	DEPTH_MAX = 16,  /* descriptors held at a time */
	PASSES_MAX = 16, /* over a directory that somebody else fills meanwhile */
};

struct removal {
	int top; /* what too deep directories are moved to, to be removed from there */
	unsigned moved; /* how many were, for their names */
	struct error *err;
};

static int remove_below(struct removal *removal, int parent, const char *name, int depth);

/* Never through a link, never across a mount: openat2(2). An overlay's work/work has mode
 * 000, and without CAP_DAC_OVERRIDE a directory of ours must be made readable. */
static int open_directory(int dirfd, const char *name)
{
	const struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH,
	};
	int fd = sys_openat2(dirfd, name, &how);

	if (fd < 0 && errno == EACCES &&
	    fchmodat(dirfd, name, 0700, AT_SYMLINK_NOFOLLOW) == 0)
		fd = sys_openat2(dirfd, name, &how);
	return fd;
}

/* A container may nest directories without end; descriptors and the stack do have one. */
static int move_up(struct removal *removal, int dirfd, const char *name)
{
	char moved_name[32];
	int result;

	do {
		(void)snprintf(moved_name, sizeof(moved_name), ".moved-%u",
			       removal->moved++);
		result = renameat(dirfd, name, removal->top, moved_name);
	} while (result < 0 &&
		 (errno == EEXIST || errno == ENOTEMPTY || errno == ENOTDIR));
	if (result < 0 && errno != ENOENT)
		return error_set(removal->err, errno, "cannot move '%s' up", name);
	return 0;
}

static int remove_directory(struct removal *removal, int dirfd, const char *name,
			    int depth)
{
	/* Most are empty: looking inside costs nine calls more. */
	if (unlinkat(dirfd, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	if (depth == DEPTH_MAX)
		return move_up(removal, dirfd, name);
	return remove_below(removal, dirfd, name, depth + 1);
}

static int remove_entry(struct removal *removal, int dirfd, const char *name, int depth)
{
	if (unlinkat(dirfd, name, 0) == 0 || errno == ENOENT)
		return 0;
	/* EPERM is what POSIX and some file systems say of a directory, unlink(2). */
	if (errno == EISDIR || errno == EPERM) {
		struct stat status;
		int code = errno;

		if (code == EISDIR ||
		    (fstatat(dirfd, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
		     S_ISDIR(status.st_mode)))
			return remove_directory(removal, dirfd, name, depth);
		errno = code;
	}
	return error_set(removal->err, errno, "cannot remove '%s'", name);
}

/* One pass over the entries. */
static int remove_entries(struct removal *removal, DIR *directory, int depth)
{
	const struct dirent *entry;

	while ((entry = readdir(directory)) != NULL) {
		int result;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (entry->d_type == DT_DIR)
			result = remove_directory(removal, dirfd(directory),
						  entry->d_name, depth);
		else
			result = remove_entry(removal, dirfd(directory), entry->d_name,
					      depth);
		if (result < 0)
			return -1;
	}
	return 0;
}

/* Passes until the directory can go. Each pass that moved something up has made the tree
 * flatter, so those end by themselves. */
static int remove_passes(struct removal *removal, int parent, const char *name,
			 DIR *directory, int depth)
{
	for (int pass = 0; pass < PASSES_MAX; pass++) {
		unsigned moved = removal->moved;

		if (remove_entries(removal, directory, depth) < 0)
			return -1;
		if (unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
			return 0;
		if (errno != ENOTEMPTY && errno != EEXIST)
			break;
		if (removal->moved != moved)
			pass = 0;
		rewinddir(directory);
	}
	return error_set(removal->err, errno, "cannot remove directory '%s'", name);
}

static int remove_below(struct removal *removal, int parent, const char *name, int depth)
{
	auto_close int fd = open_directory(parent, name);
	auto_dir DIR *directory = NULL;

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 && errno == EXDEV)
		return error_set(removal->err, 0,
				 "cannot remove '%s': something is mounted on it", name);
	if (fd < 0)
		return error_set(removal->err, errno, "cannot open directory '%s'", name);
	directory = fdopendir(fd);
	if (directory == NULL)
		return error_set(removal->err, errno, "cannot read directory '%s'", name);
	(void)take_fd(&fd);
	if (depth == 0)
		removal->top = dirfd(directory);
	return remove_passes(removal, parent, name, directory, depth);
}

int tree_remove(int dirfd, const char *name, struct error *err)
{
	struct removal removal = { .top = -1, .err = err };

	/* The directory itself is at depth 0, one below the one it is in. */
	return remove_entry(&removal, dirfd, name, -1);
}

/* The path up to each of its slashes in turn, then the whole. */
static int make_parents(int dirfd, char *path, struct error *err)
{
	char *end = path, kept;

	do {
		end += strspn(end, "/");
		end += strcspn(end, "/");
		kept = *end;
		*end = '\0';
		if (*path != '\0' && mkdirat(dirfd, path, 0711) < 0 && errno != EEXIST)
			return error_set(err, errno, "cannot make directory '%s'", path);
		*end = kept;
	} while (*end != '\0');
	return 0;
}

int tree_make(int dirfd, const char *path, struct error *err)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
	auto_free char *copy = NULL;
	int fd = openat(dirfd, path, flags);

	if (fd >= 0)
		return fd;
	if (errno != ENOENT)
		return error_set(err, errno, "cannot open directory '%s'", path);
	copy = strdup(path);
	if (copy == NULL)
		return error_set(err, errno, "cannot make directory '%s'", path);
	if (make_parents(dirfd, copy, err) < 0)
		return -1;
	fd = openat(dirfd, path, flags);
	if (fd < 0)
		return error_set(err, errno, "cannot open directory '%s'", path);
	return fd;
}
