/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/syscalls.h"
#include "kernel/inside.h"

/* openat2(2) gives EAGAIN when a rename anywhere on the host could have led ".." out of
 * the root. Whoever renames in a loop must not hold us forever. */
enum { ATTEMPTS_MAX = 4096 };

static int open_resolved(int dirfd, const char *path, uint64_t flags, uint64_t resolve)
{
	const struct open_how how = {
		.flags = flags | O_CLOEXEC,
		.resolve = resolve | RESOLVE_NO_MAGICLINKS,
	};
	int fd = -1;

	for (int i = 0; i < ATTEMPTS_MAX; i++) {
		fd = sys_openat2(dirfd, path, &how);
		if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
			break;
	}
	return fd;
}

int inside_open(int rootfd, const char *path, uint64_t flags)
{
	return open_resolved(rootfd, path, flags, RESOLVE_IN_ROOT);
}

int inside_open_direct(int rootfd, const char *path, uint64_t flags)
{
	return open_resolved(rootfd, path, flags, RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);
}

/* How many of the first `length` bytes lie before their last component. */
static size_t parent_length(const char *path, size_t length)
{
	while (length > 0 && path[length - 1] == '/')
		length--;
	while (length > 0 && path[length - 1] != '/')
		length--;
	return length;
}

int inside_open_deepest(int rootfd, const char *path, const char **rest,
			struct error *err)
{
	size_t length = strlen(path);
	char prefix[PATH_MAX];

	if (length >= sizeof(prefix))
		return error_set(err, ENAMETOOLONG, "cannot make '%.64s…'", path);
	for (;;) {
		int fd;

		memcpy(prefix, path, length);
		prefix[length] = '\0';
		fd = inside_open(rootfd, length > 0 ? prefix : ".", O_PATH | O_DIRECTORY);
		if (fd >= 0) {
			*rest = path + length;
			return fd;
		}
		if (errno != ENOENT || length == 0)
			return error_set(err, errno, "cannot open '%s' in the root",
					 length > 0 ? prefix : "/");
		length = parent_length(path, length);
	}
}

/* Copies the next component of *rest and steps over it; its length, 0 at the end. */
static size_t next_component(const char **rest, char name[NAME_MAX + 1])
{
	const char *start = *rest + strspn(*rest, "/");
	size_t length = strcspn(start, "/");

	*rest = start + length;
	if (length > NAME_MAX)
		return length;
	memcpy(name, start, length);
	name[length] = '\0';
	return length;
}

/* What mkdirat() found already there may have been put in its place by another: a link is
 * refused, never followed. */
static int make_one_directory(int dirfd, const char *name, mode_t mode)
{
	if (mkdirat(dirfd, name, mode) < 0 && errno != EEXIST)
		return -1;
	return open_resolved(dirfd, name, O_PATH | O_DIRECTORY,
			     RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
}

static int make_one_file(int dirfd, const char *name, mode_t mode)
{
	if (mknodat(dirfd, name, S_IFREG | mode, 0) < 0 && errno != EEXIST)
		return -1;
	return open_resolved(dirfd, name, O_PATH, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
}

static int make_failed(int code, const char *path, struct error *err)
{
	if (code == ELOOP)
		return error_set(err, 0, "cannot make '%s': a link in it leads nowhere",
				 path);
	return error_set(err, code, "cannot make '%s'", path);
}

static bool is_last(const char *rest)
{
	return rest[strspn(rest, "/")] == '\0';
}

static int make(int rootfd, const char *path, mode_t type, mode_t mode, struct error *err)
{
	const char *rest = path;
	char name[NAME_MAX + 1];
	size_t length;
	auto_close int fd = inside_open_deepest(rootfd, path, &rest, err);

	if (fd < 0)
		return -1;
	while ((length = next_component(&rest, name)) > 0) {
		int next;

		if (length > NAME_MAX)
			return make_failed(ENAMETOOLONG, path, err);
		if (strcmp(name, ".") == 0)
			continue;
		if (strcmp(name, "..") == 0)
			return error_set(err, 0, "cannot make '%s': '..' in it", path);
		if (!is_last(rest))
			next = make_one_directory(fd, name, 0755);
		else if (type == S_IFDIR)
			next = make_one_directory(fd, name, mode);
		else
			next = make_one_file(fd, name, mode);
		if (next < 0)
			return make_failed(errno, path, err);
		(void)close(fd);
		fd = next;
	}
	return take_fd(&fd);
}

int inside_make_directory(int rootfd, const char *path, mode_t mode, struct error *err)
{
	return make(rootfd, path, S_IFDIR, mode, err);
}

int inside_make_file(int rootfd, const char *path, mode_t mode, struct error *err)
{
	int fd = inside_open(rootfd, path, O_PATH);

	if (fd >= 0)
		return fd;
	if (errno != ENOENT)
		return error_set(err, errno, "cannot open '%s' in the root", path);
	return make(rootfd, path, S_IFREG, mode, err);
}

static bool is_link(int dirfd, const char *name, const char *content)
{
	char is[PATH_MAX];
	ssize_t length = readlinkat(dirfd, name, is, sizeof(is));

	return length == (ssize_t)strlen(content) &&
	       memcmp(is, content, (size_t)length) == 0;
}

int inside_make_link(int rootfd, const char *path, const char *content, struct error *err)
{
	size_t length = parent_length(path, strlen(path));
	const char *name = path + length;
	char parent[PATH_MAX];
	auto_close int fd = -1;

	if (length >= sizeof(parent))
		return make_failed(ENAMETOOLONG, path, err);
	memcpy(parent, path, length);
	parent[length] = '\0';
	fd = inside_make_directory(rootfd, length > 0 ? parent : ".", 0755, err);
	if (fd < 0)
		return -1;
	if (symlinkat(content, fd, name) == 0)
		return 0;
	if (errno != EEXIST)
		return make_failed(errno, path, err);
	if (is_link(fd, name, content))
		return 0;
	return error_set(err, 0, "'%s' is there and is no link to '%s'", path, content);
}
