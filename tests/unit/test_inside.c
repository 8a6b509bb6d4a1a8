/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "kernel/inside.h"

#include "check.h"
#include "temporary.h"

static struct error err;

/* The device and inode of two descriptors are the same. */
static bool is_same(int a, int b)
{
	struct stat one, other;

	return fstat(a, &one) == 0 && fstat(b, &other) == 0 &&
	       one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

static bool is_type(int dirfd, const char *name, mode_t type)
{
	struct stat status;

	return fstatat(dirfd, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
	       (status.st_mode & S_IFMT) == type;
}

static void links_stay_in_the_root(void)
{
	auto_temporary struct temporary root = temporary_new();
	auto_close int etc = -1, up = -1, host = -1;

	CHECK(mkdirat(root.fd, "etc", 0755) == 0);
	CHECK(symlinkat("/etc", root.fd, "absolute") == 0);
	CHECK(symlinkat("../../../../../etc", root.fd, "climbing") == 0);
	etc = openat(root.fd, "etc", O_PATH);
	host = inside_open(root.fd, "/absolute", O_PATH);
	up = inside_open(root.fd, "climbing", O_PATH);
	CHECK(is_same(etc, host));
	CHECK(is_same(etc, up));
}

static void magic_links_are_refused(void)
{
	auto_close int root = open("/", O_PATH | O_DIRECTORY);

	CHECK(inside_open(root, "/proc/self/root/etc", O_PATH) < 0 && errno == ELOOP);
	CHECK(inside_open(root, "/proc/self/cwd", O_PATH) < 0 && errno == ELOOP);
}

static void direct_follows_no_link(void)
{
	auto_temporary struct temporary root = temporary_new();
	auto_close int fd = -1;

	CHECK(mkdirat(root.fd, "a", 0755) == 0 && mkdirat(root.fd, "a/b", 0755) == 0);
	CHECK(symlinkat("a", root.fd, "l") == 0);
	CHECK(inside_open_direct(root.fd, "/l/b", O_PATH) < 0 && errno == ELOOP);
	CHECK(inside_open_direct(root.fd, "/l", O_PATH) < 0 && errno == ELOOP);
	fd = inside_open_direct(root.fd, "/a/b", O_PATH);
	CHECK(fd >= 0);
}

static void makes_missing_parents(void)
{
	auto_temporary struct temporary root = temporary_new();
	auto_close int directory = inside_make_directory(root.fd, "/a/b/c", 0750, &err);
	auto_close int file = inside_make_file(root.fd, "/x/y//z", 0640, &err);
	struct stat status;

	CHECK(directory >= 0 && is_type(root.fd, "a/b/c", S_IFDIR));
	CHECK(file >= 0 && is_type(root.fd, "x/y/z", S_IFREG));
	CHECK(fstat(file, &status) == 0 && (status.st_mode & 0777) == 0640);
	CHECK(fstat(directory, &status) == 0 && (status.st_mode & 0777) == 0750);
	CHECK(fcntl(directory, F_GETFD) == FD_CLOEXEC);
	CHECK((fcntl(directory, F_GETFL) & O_PATH) != 0);
}

static void makes_behind_a_link(void)
{
	auto_temporary struct temporary root = temporary_new();
	auto_close int fd = -1;

	CHECK(mkdirat(root.fd, "run", 0755) == 0 && mkdirat(root.fd, "var", 0755) == 0);
	CHECK(symlinkat("/run", root.fd, "var/run") == 0);
	fd = inside_make_directory(root.fd, "/var/run/new/er", 0755, &err);
	CHECK(fd >= 0 && is_type(root.fd, "run/new/er", S_IFDIR));
	CHECK(is_type(root.fd, "var/run", S_IFLNK));
}

static void leaves_what_is_there(void)
{
	auto_temporary struct temporary root = temporary_new();
	auto_close int first = inside_make_file(root.fd, "/f", 0600, &err);
	auto_close int again = inside_make_file(root.fd, "/f", 0600, &err);
	auto_close int directory = -1;

	CHECK(is_same(first, again));
	CHECK(mkdirat(root.fd, "d", 0755) == 0);
	directory = inside_make_file(root.fd, "/d", 0600, &err);
	CHECK(directory >= 0 && is_type(root.fd, "d", S_IFDIR));
	CHECK(inside_make_directory(root.fd, "/f/g", 0755, &err) < 0 &&
	      err.code == ENOTDIR);
}

static void refuses_dangling_links(void)
{
	auto_temporary struct temporary root = temporary_new();

	CHECK(symlinkat("/nowhere", root.fd, "l") == 0);
	CHECK(inside_make_directory(root.fd, "/l", 0755, &err) < 0);
	CHECK_TEXT(err.text, "cannot make '/l': a link in it leads nowhere");
	CHECK(inside_make_file(root.fd, "/l", 0644, &err) < 0);
	CHECK(inside_make_directory(root.fd, "/l/below", 0755, &err) < 0);
	CHECK(faccessat(root.fd, "nowhere", F_OK, 0) < 0 && errno == ENOENT);
}

static void refuses_dots_in_what_is_missing(void)
{
	auto_temporary struct temporary root = temporary_new();
	auto_close int fd = inside_make_directory(root.fd, "/./a/./b/.", 0755, &err);

	CHECK(fd >= 0 && is_type(root.fd, "a/b", S_IFDIR));
	CHECK(inside_make_directory(root.fd, "/new/../../x", 0755, &err) < 0);
	CHECK_TEXT(err.text, "cannot make '/new/../../x': '..' in it");
}

static void refuses_long_names(void)
{
	auto_temporary struct temporary root = temporary_new();
	char path[5000];

	memset(path, 'a', sizeof(path));
	path[0] = '/';
	path[300] = '\0';
	CHECK(inside_make_directory(root.fd, path, 0755, &err) < 0 &&
	      err.code == ENAMETOOLONG);
	path[300] = 'a';
	path[sizeof(path) - 1] = '\0';
	CHECK(inside_make_directory(root.fd, path, 0755, &err) < 0 &&
	      err.code == ENAMETOOLONG);
}

static void finds_the_deepest(void)
{
	auto_temporary struct temporary root = temporary_new();
	const char *rest = NULL;
	auto_close int made = inside_make_directory(root.fd, "/a/b", 0755, &err);
	auto_close int found = inside_open_deepest(root.fd, "/a/b/c/d", &rest, &err);
	auto_close int all = -1;

	CHECK(is_same(made, found));
	CHECK_TEXT(rest, "c/d");
	all = inside_open_deepest(root.fd, "/a", &rest, &err);
	CHECK(all >= 0);
	CHECK_TEXT(rest, "");
}

static void makes_a_link(void)
{
	auto_temporary struct temporary root = temporary_new();
	char content[8] = { 0 };

	CHECK(mkdirat(root.fd, "etc", 0755) == 0);
	CHECK(symlinkat("/etc", root.fd, "l") == 0);
	CHECK(inside_make_link(root.fd, "/l/a/b", "../x", &err) == 0);
	CHECK(readlinkat(root.fd, "etc/a/b", content, sizeof(content)) == 4);
	CHECK_TEXT(content, "../x");
	CHECK(inside_make_link(root.fd, "/l/a/b", "../x", &err) == 0);
	CHECK(inside_make_link(root.fd, "top", "/", &err) == 0);
	CHECK(is_type(root.fd, "top", S_IFLNK));
}

static void a_link_replaces_nothing(void)
{
	auto_temporary struct temporary root = temporary_new();

	CHECK(mkdirat(root.fd, "d", 0755) == 0);
	CHECK(symlinkat("a", root.fd, "l") == 0);
	CHECK(inside_make_link(root.fd, "/d", "a", &err) < 0);
	CHECK_TEXT(err.text, "'/d' is there and is no link to 'a'");
	CHECK(inside_make_link(root.fd, "/l", "ab", &err) < 0);
	CHECK(inside_make_link(root.fd, "/l", "b", &err) < 0);
	CHECK(inside_make_link(root.fd, "/l/x", "b", &err) < 0);
	CHECK(inside_make_link(root.fd, "/", "b", &err) < 0);
}

int main(void)
{
	(void)umask(0);
	RUN(links_stay_in_the_root);
	RUN(magic_links_are_refused);
	RUN(direct_follows_no_link);
	RUN(makes_missing_parents);
	RUN(makes_behind_a_link);
	RUN(leaves_what_is_there);
	RUN(refuses_dangling_links);
	RUN(refuses_dots_in_what_is_missing);
	RUN(refuses_long_names);
	RUN(finds_the_deepest);
	RUN(makes_a_link);
	RUN(a_link_replaces_nothing);
	return check_done();
}
