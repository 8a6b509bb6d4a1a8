/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "base/auto.h"
#include "base/copy.h"

#include "check.h"
#include "temporary.h"

static struct error err;

static bool is_like(const struct temporary *a, const struct temporary *b,
		    const char *name)
{
	struct stat one, other;

	return fstatat(a->fd, name, &one, AT_SYMLINK_NOFOLLOW) == 0 &&
	       fstatat(b->fd, name, &other, AT_SYMLINK_NOFOLLOW) == 0 &&
	       one.st_mode == other.st_mode && one.st_uid == other.st_uid &&
	       one.st_gid == other.st_gid && one.st_mtim.tv_sec == other.st_mtim.tv_sec &&
	       one.st_mtim.tv_nsec == other.st_mtim.tv_nsec &&
	       (S_ISDIR(one.st_mode) || one.st_size == other.st_size);
}

static void fill(const struct temporary *from)
{
	const struct timespec old[] = { { .tv_sec = 1 }, { .tv_sec = 2, .tv_nsec = 3 } };
	auto_close int file = -1;

	CHECK(mkdirat(from->fd, "d", 0750) == 0);
	file = openat(from->fd, "d/file", O_WRONLY | O_CREAT | O_CLOEXEC, 0604);
	CHECK(file >= 0 && write(file, "text", 4) == 4 && fchmod(file, 04755) == 0);
	CHECK(fsetxattr(file, "user.mine", "v", 1, 0) == 0);
	CHECK(fsetxattr(file, "user.empty", "", 0, 0) == 0);
	CHECK(fsetxattr(file, "user.overlay.opaque", "y", 1, 0) == 0);
	CHECK(futimens(file, old) == 0);
	CHECK(symlinkat("../../victim", from->fd, "d/link") == 0);
	CHECK(utimensat(from->fd, "d/link", old, AT_SYMLINK_NOFOLLOW) == 0);
	CHECK(mknodat(from->fd, "fifo", S_IFIFO | 0622, 0) == 0);
	CHECK(utimensat(from->fd, "d", old, 0) == 0);
	CHECK(fchmodat(from->fd, ".", 01711, 0) == 0);
	CHECK(utimensat(from->fd, ".", old, 0) == 0);
}

static void a_directory_with_all_it_has(void)
{
	auto_temporary struct temporary from = temporary_new(), to = temporary_new();
	auto_close int file = -1;
	char bytes[8] = "";

	fill(&from);
	CHECK(copy_directory(from.fd, to.fd, &err) == 0);
	CHECK(is_like(&from, &to, "d/file"));
	CHECK(is_like(&from, &to, "d/link"));
	CHECK(is_like(&from, &to, "fifo"));
	CHECK(is_like(&from, &to, "d"));
	CHECK(is_like(&from, &to, "."));
	file = openat(to.fd, "d/file", O_RDONLY | O_CLOEXEC);
	CHECK(read(file, bytes, sizeof(bytes)) == 4 && memcmp(bytes, "text", 4) == 0);
	CHECK(fgetxattr(file, "user.mine", bytes, sizeof(bytes)) == 1 && bytes[0] == 'v');
	CHECK(fgetxattr(file, "user.empty", bytes, sizeof(bytes)) == 0);
	CHECK(fgetxattr(file, "user.overlay.opaque", bytes, sizeof(bytes)) < 0);
}

static void times_alone(void)
{
	auto_temporary struct temporary from = temporary_new(), to = temporary_new();

	fill(&from);
	CHECK(fchmodat(to.fd, ".", 0700, 0) == 0);
	CHECK(copy_times(from.fd, to.fd, &err) == 0);
	CHECK(!is_like(&from, &to, "."));
	CHECK(fchmodat(to.fd, ".", 01711, 0) == 0);
	CHECK(is_like(&from, &to, "."));
}

static void what_is_there_is_not_written_to(void)
{
	auto_temporary struct temporary from = temporary_new(), to = temporary_new();

	fill(&from);
	CHECK(mkdirat(to.fd, "d", 0755) == 0);
	CHECK(copy_directory(from.fd, to.fd, &err) < 0);
	CHECK_TEXT(err.text, "cannot make 'd': file exists");
}

int main(void)
{
	(void)umask(0);
	RUN(a_directory_with_all_it_has);
	RUN(times_alone);
	RUN(what_is_there_is_not_written_to);
	return check_done();
}
