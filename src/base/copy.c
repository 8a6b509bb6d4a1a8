/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/copy.h"
#include "base/error.h"

enum { DEPTH_MAX = 512 };

static bool is_overlay_name(const char *name)
{
	return strncmp(name, "trusted.overlay.", 16) == 0 ||
	       strncmp(name, "user.overlay.", 13) == 0;
}

static int copy_xattr(int from, int to, const char *name)
{
	auto_free char *value = NULL;
	ssize_t size = fgetxattr(from, name, NULL, 0);

	if (size < 0)
		return -1;
	value = malloc((size_t)size + 1);
	if (value == NULL)
		return -1;
	size = fgetxattr(from, name, value, (size_t)size);
	return size < 0 ? -1 : fsetxattr(to, name, value, (size_t)size, 0);
}

static int copy_xattrs(int from, int to, struct error *err)
{
	auto_free char *names = NULL;
	ssize_t size = flistxattr(from, NULL, 0);

	if (size < 0 && errno != EOPNOTSUPP)
		return error_set(err, errno, "cannot list extended attributes");
	if (size <= 0)
		return 0;
	names = malloc((size_t)size);
	size = names != NULL ? flistxattr(from, names, (size_t)size) : -1;
	if (size < 0)
		return error_set(err, errno, "cannot list extended attributes");
	for (const char *name = names; name < names + size; name += strlen(name) + 1) {
		if (!is_overlay_name(name) && copy_xattr(from, to, name) < 0)
			return error_set(err, errno, "cannot copy attribute '%s'", name);
	}
	return 0;
}

static int set_times(const struct stat *status, int to, struct error *err)
{
	const struct timespec times[] = { status->st_atim, status->st_mtim };

	if (futimens(to, times) < 0)
		return error_set(err, errno, "cannot set the times");
	return 0;
}

int copy_times(int from, int to, struct error *err)
{
	struct stat status;

	if (fstat(from, &status) < 0)
		return error_set(err, errno, "cannot read the times");
	return set_times(&status, to, err);
}

int copy_attributes(int from, int to, struct error *err)
{
	struct stat status;

	if (fstat(from, &status) < 0)
		return error_set(err, errno, "cannot read owner and mode");
	/* chown(2) takes set-user-ID and security.capability away: it comes first. */
	if (fchown(to, status.st_uid, status.st_gid) < 0)
		return error_set(err, errno, "cannot set the owner");
	if (fchmod(to, status.st_mode & 07777) < 0)
		return error_set(err, errno, "cannot set the mode");
	if (copy_xattrs(from, to, err) < 0)
		return -1;
	return set_times(&status, to, err);
}

static int copy_bytes(int from, int to)
{
	for (;;) {
		ssize_t sent = sendfile(to, from, NULL, 1 << 30);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return (int)sent;
	}
}

/* Others may change the directory meanwhile: a FIFO would block, a device has no end. */
static int copy_file(int from_dir, int to_dir, const char *name, struct error *err)
{
	auto_close int from =
		openat(from_dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	auto_close int to =
		openat(to_dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	struct stat status;

	if (from < 0 || to < 0 || fstat(from, &status) < 0)
		return error_set(err, errno, "cannot open '%s'", name);
	if (!S_ISREG(status.st_mode))
		return error_set(err, 0, "'%s' is no file any more", name);
	if (copy_bytes(from, to) < 0)
		return error_set(err, errno, "cannot copy '%s'", name);
	return copy_attributes(from, to, err);
}

/* Links, devices, sockets and FIFOs: opening them would follow or block. */
static int copy_node(int from_dir, int to_dir, const char *name,
		     const struct stat *status, struct error *err)
{
	const struct timespec times[] = { status->st_atim, status->st_mtim };
	char target[PATH_MAX];
	ssize_t length;
	int made;

	if (S_ISLNK(status->st_mode)) {
		length = readlinkat(from_dir, name, target, sizeof(target) - 1);
		target[length > 0 ? length : 0] = '\0';
		made = length > 0 ? symlinkat(target, to_dir, name) : -1;
	} else {
		made = mknodat(to_dir, name, status->st_mode, status->st_rdev);
		if (made == 0)
			made = fchmodat(to_dir, name, status->st_mode & 07777, 0);
	}
	if (made < 0)
		return error_set(err, errno, "cannot copy '%s'", name);
	if (fchownat(to_dir, name, status->st_uid, status->st_gid, AT_SYMLINK_NOFOLLOW) <
		    0 ||
	    utimensat(to_dir, name, times, AT_SYMLINK_NOFOLLOW) < 0)
		return error_set(err, errno, "cannot set owner and times of '%s'", name);
	return 0;
}

static int copy_below(int from, int to, int depth, struct error *err);

static int copy_subdirectory(int from_dir, int to_dir, const char *name, int depth,
			     struct error *err)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	auto_close int from = -1, to = -1;

	if (depth == DEPTH_MAX)
		return error_set(err, 0, "'%s' is more than %d directories deep", name,
				 DEPTH_MAX);
	if (mkdirat(to_dir, name, 0700) < 0)
		return error_set(err, errno, "cannot make '%s'", name);
	from = openat(from_dir, name, flags);
	to = openat(to_dir, name, flags);
	if (from < 0 || to < 0)
		return error_set(err, errno, "cannot open '%s'", name);
	return copy_below(from, to, depth + 1, err);
}

static int copy_entry(int from, int to, const char *name, int depth, struct error *err)
{
	struct stat status;

	if (fstatat(from, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return error_set(err, errno, "cannot look at '%s'", name);
	if (S_ISDIR(status.st_mode))
		return copy_subdirectory(from, to, name, depth, err);
	if (S_ISREG(status.st_mode))
		return copy_file(from, to, name, err);
	return copy_node(from, to, name, &status, err);
}

static int copy_below(int from, int to, int depth, struct error *err)
{
	auto_dir DIR *dir = NULL;
	int reading = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct dirent *entry;

	dir = reading >= 0 ? fdopendir(reading) : NULL;
	if (dir == NULL)
		return error_set(err, errno, "cannot read a directory");
	while (errno = 0, (entry = readdir(dir)) != NULL) {
		const char *name = entry->d_name;

		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			continue;
		if (copy_entry(from, to, name, depth, err) < 0)
			return -1;
	}
	if (errno != 0)
		return error_set(err, errno, "cannot read a directory");
	/* Last, since every entry made in it moved its times. */
	return copy_attributes(from, to, err);
}

int copy_directory(int from, int to, struct error *err)
{
	return copy_below(from, to, 0, err);
}
