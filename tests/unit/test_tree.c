/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/auto.h"
#include "check.h"
#include "temporary.h"

static int exists(int dirfd, const char *name)
{
	return faccessat(dirfd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void put_file(int dirfd, const char *name)
{
	(void)close(openat(dirfd, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

static void makes_missing_parents(void)
{
	auto_temporary struct temporary temporary = temporary_new();
	struct stat status;
	struct error err;
	auto_close int fd = tree_make(temporary.fd, "a//b/./c/", &err);
	auto_close int again = tree_make(temporary.fd, "a/b/c", &err);

	CHECK(fd >= 0 && again >= 0);
	CHECK(fstat(fd, &status) == 0 && S_ISDIR(status.st_mode));
	CHECK((status.st_mode & 07777) == 0711);
}

static void makes_by_an_absolute_path(void)
{
	auto_temporary struct temporary temporary = temporary_new();
	struct error err;
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/x/y", temporary.path);
	auto_close int fd = tree_make(AT_FDCWD, path, &err);

	CHECK(fd >= 0);
	CHECK(exists(temporary.fd, "x/y"));
}

static void says_what_stands_in_the_way(void)
{
	auto_temporary struct temporary temporary = temporary_new();
	struct error err;

	put_file(temporary.fd, "file");
	CHECK(tree_make(temporary.fd, "file", &err) == -1);
	CHECK_TEXT(err.text, "cannot open directory 'file': not a directory");
	CHECK(symlinkat("nowhere", temporary.fd, "link") == 0);
	CHECK(tree_make(temporary.fd, "link/a", &err) == -1);
	CHECK_TEXT(err.text, "cannot make directory 'link/a': no such file or directory");
}

static void removes_all_that_is_below(void)
{
	auto_temporary struct temporary temporary = temporary_new();
	struct error err;
	char name[16];

	auto_close int fd = tree_make(temporary.fd, "top/a/b", &err);
	for (int i = 0; i < 500; i++) {
		(void)snprintf(name, sizeof(name), "file%d", i);
		put_file(fd, name);
	}
	CHECK(mkfifoat(fd, "fifo", 0600) == 0);
	CHECK(fchmod(fd, 0) == 0);
	CHECK(tree_remove(temporary.fd, "top", &err) == 0);
	CHECK(!exists(temporary.fd, "top"));
}

static void removes_a_file_and_what_is_absent(void)
{
	auto_temporary struct temporary temporary = temporary_new();
	struct error err;

	put_file(temporary.fd, "file");
	CHECK(tree_remove(temporary.fd, "file", &err) == 0);
	CHECK(!exists(temporary.fd, "file"));
	CHECK(tree_remove(temporary.fd, "file", &err) == 0);
}

static void removes_a_link_not_what_it_names(void)
{
	auto_temporary struct temporary temporary = temporary_new();
	struct error err;

	(void)close(tree_make(temporary.fd, "kept/below", &err));
	(void)close(tree_make(temporary.fd, "top", &err));
	CHECK(symlinkat("../kept", temporary.fd, "top/link") == 0);
	CHECK(symlinkat("kept", temporary.fd, "link") == 0);
	CHECK(tree_remove(temporary.fd, "top", &err) == 0);
	CHECK(tree_remove(temporary.fd, "link", &err) == 0);
	CHECK(exists(temporary.fd, "kept/below"));
}

/* Deeper than PATH_MAX, the stack and the number of descriptors allow. */
static void removes_what_is_nested_deep(void)
{
	auto_temporary struct temporary temporary = temporary_new();
	auto_close int fd = dup(temporary.fd);
	struct rlimit before, few = { 64, 64 };
	struct error err;

	for (int i = 0; i < 4000; i++) {
		int next;

		(void)mkdirat(fd, "d", 0700);
		put_file(fd, "f");
		next = openat(fd, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		(void)close(fd);
		fd = next;
	}
	CHECK(getrlimit(RLIMIT_NOFILE, &before) == 0);
	few.rlim_max = before.rlim_max;
	CHECK(setrlimit(RLIMIT_NOFILE, &few) == 0);
	CHECK(tree_remove(temporary.fd, "d", &err) == 0);
	CHECK(setrlimit(RLIMIT_NOFILE, &before) == 0);
	CHECK(!exists(temporary.fd, "d"));
}

/* A directory of one's own that one may not read, as an overlay's work/work. */
static int remove_unreadable(const struct temporary *temporary)
{
	struct error err;

	if (geteuid() == 0 && (fchown(temporary->fd, 12345, 12345) < 0 ||
			       setresuid(12345, 12345, 12345) < 0))
		return 1;
	(void)close(tree_make(temporary->fd, "top/shut/below", &err));
	if (fchmodat(temporary->fd, "top/shut", 0, 0) < 0)
		return 2;
	return tree_remove(temporary->fd, "top", &err) == 0 ? 0 : 3;
}

static void opens_what_is_shut(void)
{
	auto_temporary struct temporary temporary = temporary_new();
	int status = 0;
	pid_t child = fork();

	if (child == 0)
		_exit(remove_unreadable(&temporary));
	(void)waitpid(child, &status, 0);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	CHECK(!exists(temporary.fd, "top"));
}

static int remove_below_a_mount(const char *path)
{
	auto_close int fd = -1;
	struct error err;

	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 || chdir(path) < 0 ||
	    mount("kept", "top/mounted", NULL, MS_BIND, NULL) < 0)
		return 77;
	fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (tree_remove(fd, "top", &err) == 0)
		return 1;
	return strcmp(err.text, "cannot remove 'mounted': something is mounted on it") ==
			       0
		       ? 0
		       : 2;
}

static void never_crosses_a_mount(void)
{
	auto_temporary struct temporary temporary = temporary_new();
	struct error err;
	int status = 0;
	pid_t child;

	(void)close(tree_make(temporary.fd, "kept/below", &err));
	(void)close(tree_make(temporary.fd, "top/mounted", &err));
	child = fork();
	if (child == 0)
		_exit(remove_below_a_mount(temporary.path));
	(void)waitpid(child, &status, 0);
	if (WEXITSTATUS(status) == 77)
		printf("# skipped: no mount namespace here\n");
	else
		CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	CHECK(exists(temporary.fd, "kept/below"));
}

int main(void)
{
	(void)umask(0022);
	RUN(makes_missing_parents);
	RUN(makes_by_an_absolute_path);
	RUN(says_what_stands_in_the_way);
	RUN(removes_all_that_is_below);
	RUN(removes_a_file_and_what_is_absent);
	RUN(removes_a_link_not_what_it_names);
	RUN(removes_what_is_nested_deep);
	RUN(opens_what_is_shut);
	RUN(never_crosses_a_mount);
	return check_done();
}
