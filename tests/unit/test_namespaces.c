/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "check.h"
#include "kernel/namespaces.h"
#include "oci/config.h"

static struct error err;

static struct config_linux with(const struct config_namespace *list, size_t count)
{
	err = (struct error){ 0 };
	return (struct config_linux){ .namespaces = list, .namespaces_count = count };
}

static void six_types_pass(void)
{
	const struct config_namespace list[] = {
		{ "pid", NULL },   { "network", "/proc/1/ns/net" },
		{ "ipc", "" },     { "uts", NULL },
		{ "mount", NULL }, { "cgroup", NULL },
	};
	const struct config_linux linux_ = with(list, 6);

	CHECK(namespaces_check(&linux_, &err) == 0);
	CHECK(namespaces_has_new(&linux_, CLONE_NEWPID));
	CHECK(!namespaces_has_joined(&linux_, CLONE_NEWPID));
	CHECK(namespaces_has_joined(&linux_, CLONE_NEWNET));
	CHECK(!namespaces_has_new(&linux_, CLONE_NEWNET));
	CHECK(namespaces_has_new(&linux_, CLONE_NEWIPC));
	CHECK(!namespaces_has_new(&linux_, CLONE_NEWUSER));
}

struct refused {
	struct config_namespace second;
	const char *text, *where;
};

static void wrong_entries_are_refused_with_their_place(void)
{
	const struct refused table[] = {
		{ { "net", NULL },
		  "unknown namespace 'net'",
		  "linux.namespaces[1].type" },
		{ { "", NULL }, "unknown namespace ''", "linux.namespaces[1].type" },
		{ { "mount", NULL },
		  "'mount' is given twice",
		  "linux.namespaces[1].type" },
		{ { "user", NULL },
		  "missing, and a new user namespace needs it",
		  "linux.uidMappings" },
		{ { "pid", "proc/1/ns/pid" },
		  "'proc/1/ns/pid' is not absolute",
		  "linux.namespaces[1].path" },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct config_namespace list[] = { { "mount", NULL },
							 table[i].second };
		const struct config_linux linux_ = with(list, 2);

		CHECK(namespaces_check(&linux_, &err) < 0);
		CHECK_TEXT(err.text, table[i].text);
		CHECK_TEXT(err.where, table[i].where);
	}
}

static void without_a_mount_namespace_there_is_one_to_go_back_to(void)
{
	const struct config_namespace list[] = { { "pid", NULL }, { "user", "/x" } };
	const struct config_linux linux_ = with(list, 1), two = with(list, 2);
	auto_namespaces struct namespaces namespaces = { 0 };

	CHECK(namespaces_open(&namespaces, &linux_, &err) == 0);
	CHECK(namespaces.clone_flags == (CLONE_NEWNS | CLONE_NEWPID));
	CHECK(namespaces_find(&namespaces, CLONE_NEWNS) >= 0);
	CHECK(namespaces_check(&two, &err) < 0);
	CHECK_TEXT(err.text, "a namespace of type 'mount' is needed beside that of type "
			     "'user'");
	CHECK_TEXT(err.where, "linux.namespaces");
}

static void open_sorts_new_from_joined(void)
{
	const struct config_namespace list[] = { { "mount", NULL },
						 { "cgroup", NULL },
						 { "pid", NULL },
						 { "uts", "/proc/self/ns/uts" } };
	const struct config_linux linux_ = with(list, 4);
	auto_namespaces struct namespaces namespaces = { 0 };

	CHECK(namespaces_open(&namespaces, &linux_, &err) == 0);
	CHECK(namespaces.clone_flags == (CLONE_NEWNS | CLONE_NEWPID));
	CHECK(namespaces.new_cgroup);
	CHECK(namespaces.joined_count == 1);
	CHECK(namespaces.joined[0].flag == CLONE_NEWUTS);
	CHECK((fcntl(namespaces.joined[0].fd, F_GETFD) & FD_CLOEXEC) != 0);
}

static void open_refuses(const char *type, const char *path, const char *text)
{
	const struct config_namespace list[] = { { "pid", NULL }, { type, path } };
	const struct config_linux linux_ = with(list, 2);
	auto_namespaces struct namespaces namespaces = { 0 };

	CHECK(namespaces_open(&namespaces, &linux_, &err) < 0);
	CHECK_TEXT(err.text, text);
	CHECK_TEXT(err.where, "linux.namespaces[1].path");
	CHECK(namespaces.joined_count == 0);
}

static void paths_that_are_no_such_namespace_are_refused(void)
{
	char fifo[] = "/tmp/test_namespaces.XXXXXX", text[128];

	open_refuses("uts", "/proc/self/ns/nothing",
		     "cannot open '/proc/self/ns/nothing': no such file or directory");
	open_refuses("network", "/proc/self/ns/uts",
		     "'/proc/self/ns/uts' is a namespace of type 'uts', not 'network'");
	open_refuses("uts", "/proc/self/status",
		     "'/proc/self/status' is not a namespace");
	CHECK(mkdtemp(fifo) != NULL && rmdir(fifo) == 0 && mkfifo(fifo, 0600) == 0);
	(void)snprintf(text, sizeof(text), "'%s' is not a namespace", fifo);
	open_refuses("uts", fifo, text);
	CHECK(unlink(fifo) == 0);
}

static ino_t inode_of(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 ? status.st_ino : 0;
}

/* The child of a process that shares all but uts and ipc, which it joins by path. */
static int join_in_child(pid_t other)
{
	char uts[64], ipc[64];
	const struct config_namespace list[] = { { "uts", uts }, { "ipc", ipc } };
	const struct config_linux linux_ = with(list, 2);
	auto_namespaces struct namespaces namespaces = { 0 };

	(void)snprintf(uts, sizeof(uts), "/proc/%d/ns/uts", (int)other);
	(void)snprintf(ipc, sizeof(ipc), "/proc/%d/ns/ipc", (int)other);
	if (inode_of(uts) == inode_of("/proc/self/ns/uts"))
		return 1;
	if (namespaces_open(&namespaces, &linux_, &err) < 0 ||
	    namespaces_join(&namespaces, &err) < 0)
		return 2;
	return inode_of(uts) == inode_of("/proc/self/ns/uts") &&
			       inode_of(ipc) == inode_of("/proc/self/ns/ipc")
		       ? 0
		       : 3;
}

static pid_t start_other(int flags, int *ready)
{
	int pipefd[2];
	pid_t pid;

	CHECK(pipe2(pipefd, O_CLOEXEC) == 0);
	pid = fork();
	if (pid == 0) {
		if (unshare(flags) < 0)
			_exit(1);
		/* A pid namespace is there once it has a first process. */
		if ((flags & CLONE_NEWPID) == 0 || fork() <= 0) {
			(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0L, 0L, 0L);
			if (write(pipefd[1], "", 1) != 1)
				_exit(1);
		}
		(void)pause();
	}
	(void)close(pipefd[1]);
	*ready = pipefd[0];
	return pid;
}

static void joining_by_path_enters_them(void)
{
	int ready, status = -1;
	char byte;
	pid_t other, child;

	if (geteuid() != 0) {
		printf("# skipped: needs root\n");
		return;
	}
	other = start_other(CLONE_NEWUTS | CLONE_NEWIPC, &ready);
	CHECK(read(ready, &byte, 1) == 1);
	(void)close(ready);
	child = fork();
	if (child == 0)
		_exit(join_in_child(other));
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	(void)kill(other, SIGKILL);
	CHECK(waitpid(other, &status, 0) == other);
}

/* Whether a child of ours is in our own pid namespace. */
static bool children_are_ours(void)
{
	ino_t ours = inode_of("/proc/self/ns/pid");
	int status = -1;
	pid_t child = fork();

	if (child == 0)
		_exit(inode_of("/proc/self/ns/pid") == ours ? 1 : 2);
	CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status));
	return WEXITSTATUS(status) == 1;
}

static void the_pid_namespace_is_entered_and_left(void)
{
	auto_namespaces struct namespaces namespaces = { 0 };
	int ready, status = -1;
	char path[64], byte;
	const struct config_namespace list[] = { { "pid", path } };
	const struct config_linux linux_ = with(list, 1);
	pid_t other;

	if (geteuid() != 0) {
		printf("# skipped: needs root\n");
		return;
	}
	other = start_other(CLONE_NEWPID, &ready);
	CHECK(read(ready, &byte, 1) == 1);
	(void)close(ready);
	(void)snprintf(path, sizeof(path), "/proc/%d/ns/pid_for_children", (int)other);
	CHECK(namespaces_open(&namespaces, &linux_, &err) == 0);
	CHECK(namespaces_enter_pid(&namespaces, &err) == 0);
	CHECK(!children_are_ours());
	CHECK(namespaces_leave_pid(&namespaces, &err) == 0);
	CHECK(children_are_ours());
	(void)kill(other, SIGKILL);
	CHECK(waitpid(other, &status, 0) == other);
}

int main(void)
{
	RUN(six_types_pass);
	RUN(wrong_entries_are_refused_with_their_place);
	RUN(without_a_mount_namespace_there_is_one_to_go_back_to);
	RUN(open_sorts_new_from_joined);
	RUN(paths_that_are_no_such_namespace_are_refused);
	RUN(joining_by_path_enters_them);
	RUN(the_pid_namespace_is_entered_and_left);
	return check_done();
}
