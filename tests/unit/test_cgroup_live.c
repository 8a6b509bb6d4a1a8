/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/syscalls.h"
#include "kernel/cgroup.h"
#include "kernel/cgroup_files.h"
#include "kernel/cgroup_v1.h"
#include "oci/config.h"

#include "check.h"

/* On the layout of this host; tests/lib/view shows others. */

static struct arena arena;
static pid_t self;
static struct error err;
static const int64_t limit = 32 << 20, twice = 64 << 20, pids_limit = 5, one = 1;

#define OK(call)                                                                   \
	do {                                                                       \
		err = (struct error){ 0 };                                         \
		if ((call) < 0) {                                                  \
			printf("# %s:%d: %s: %s: %s\n", __FILE__, __LINE__, #call, \
			       err.where, err.text);                               \
			check_failures++;                                          \
		}                                                                  \
	} while (0)

static struct cgroup find(const char *suffix)
{
	struct cgroup cgroup = { 0 };

	OK(cgroup_find(&cgroup, &arena,
		       arena_format(&arena, "/minirun-test-%d%s", self, suffix), &err));
	return cgroup;
}

static bool exists(const struct cgroup *cgroup)
{
	char buffer[CGROUP_DIRECTORY_MAX];

	if (cgroup->unified_mount_point != NULL &&
	    access(cgroup_directory(buffer, cgroup->unified_mount_point, cgroup->path),
		   F_OK) == 0)
		return true;
	for (size_t i = 0; i < cgroup->hierarchies_count; i++) {
		if (access(cgroup_v1_directory(buffer, cgroup, &cgroup->hierarchies[i]),
			   F_OK) == 0)
			return true;
	}
	return false;
}

/* A child in the cgroup, as the runtime makes one; it runs the function and ends. */
static pid_t spawn(const struct cgroup *cgroup, int (*run)(void))
{
	int fd = -1, ends[2];
	struct clone_args args = { .exit_signal = SIGCHLD };
	struct error failure;
	pid_t pid;
	char byte;

	OK(cgroup_open(cgroup, &fd, &err));
	if (fd >= 0) {
		args.flags = CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)fd;
	}
	if (pipe2(ends, O_CLOEXEC) < 0)
		exit(99);
	(void)fflush(stdout);
	pid = sys_clone3(&args);
	if (pid == 0) {
		if (cgroup_join(cgroup, 0, &failure) < 0)
			_exit(99);
		(void)!write(ends[1], "x", 1);
		_exit(run());
	}
	CHECK(pid > 0);
	(void)close(ends[1]);
	CHECK(read(ends[0], &byte, 1) == 1);
	(void)close(ends[0]);
	(void)close(fd);
	return pid;
}

static int run_wait(void)
{
	/* A test that fails must not leave it behind. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		(void)pause();
	return 0;
}

static int run_fork(void)
{
	for (int i = 0; i < 8; i++) {
		if (fork() == 0)
			return run_wait();
	}
	return run_wait();
}

static int status_of(pid_t pid)
{
	int status = -1;

	(void)waitpid(pid, &status, 0);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void read_value(const struct cgroup *cgroup, const char *controller,
		       const char *v1, const char *v2, char value[64])
{
	char buffer[CGROUP_DIRECTORY_MAX];
	const struct cgroup_hierarchy *hierarchy =
		cgroup_v1_hierarchy(cgroup, controller);
	ssize_t length =
		hierarchy != NULL
			? cgroup_file_read(cgroup_v1_directory(buffer, cgroup, hierarchy),
					   v1, value, 64)
			: cgroup_file_read(cgroup_directory(buffer,
							    cgroup->unified_mount_point,
							    cgroup->path),
					   v2, value, 64);

	if (length < 0)
		value[0] = '\0';
}

static void test_make_and_remove(void)
{
	struct cgroup cgroup = find("");

	CHECK(cgroup.components_found == 0);
	CHECK(!exists(&cgroup));
	OK(cgroup_check(&cgroup, NULL, &err));
	OK(cgroup_create(&cgroup, &err));
	CHECK(exists(&cgroup));
	CHECK(find("").components_found == 1);
	OK(cgroup_remove(&cgroup, &err));
	CHECK(!exists(&cgroup));
	OK(cgroup_remove(&cgroup, &err));
}

static void test_parents_go_too(void)
{
	struct cgroup first = find("/a/b"), second, top = find("");

	OK(cgroup_create(&first, &err));
	second = find("/a/c");
	CHECK(second.components_found == 2);
	OK(cgroup_create(&second, &err));
	OK(cgroup_remove(&first, &err));
	CHECK(!exists(&first) && exists(&second));
	OK(cgroup_remove(&second, &err));
	CHECK(exists(&top));
	/* The parent that `first` made and `second` found. */
	OK(cgroup_remove(&first, &err));
	CHECK(!exists(&top));
}

static void test_processes_die_with_it(void)
{
	auto_arena struct arena own = { 0 };
	struct cgroup cgroup = find("");
	pid_t *pids, child;
	size_t count = 0;

	OK(cgroup_create(&cgroup, &err));
	child = spawn(&cgroup, run_fork);
	for (int i = 0; i < 1000 && count < 9; i++) {
		OK(cgroup_pids(&cgroup, &own, &pids, &count, &err));
		(void)sched_yield();
	}
	CHECK(count == 9);
	OK(cgroup_remove(&cgroup, &err));
	CHECK(!exists(&cgroup));
	CHECK(status_of(child) == 128 + SIGKILL);
}

/* So does what is nested in it, deeper than a path may be long. */
static void test_nested_cgroups_go_too(void)
{
	static const char name[] = "a-name-that-fills-a-path-sooner";
	char buffer[CGROUP_DIRECTORY_MAX];
	struct cgroup cgroup = find("");
	const char *top;
	int fd, depth;

	OK(cgroup_create(&cgroup, &err));
	top = cgroup.unified_mount_point != NULL
		      ? cgroup_directory(buffer, cgroup.unified_mount_point, cgroup.path)
		      : cgroup_v1_directory(buffer, &cgroup, &cgroup.hierarchies[0]);
	fd = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (depth = 0; depth < 200; depth++) {
		int childfd;

		if (mkdirat(fd, name, 0755) < 0)
			break;
		(void)mkdirat(fd, ".hidden", 0755);
		childfd = openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		(void)close(fd);
		fd = childfd;
	}
	CHECK(depth > 50);
	(void)close(fd);
	OK(cgroup_remove(&cgroup, &err));
	CHECK(!exists(&cgroup));
}

static void test_freeze_and_thaw(void)
{
	struct cgroup cgroup = find("");
	pid_t child;

	OK(cgroup_freeze(&cgroup, &err)); /* missing is fine */
	OK(cgroup_create(&cgroup, &err));
	child = spawn(&cgroup, run_fork);
	CHECK(cgroup_frozen(&cgroup, &(struct error){ 0 }) == 0);
	OK(cgroup_freeze(&cgroup, &err));
	CHECK(cgroup_frozen(&cgroup, &(struct error){ 0 }) == 1);
	OK(cgroup_freeze(&cgroup, &err));
	OK(cgroup_thaw(&cgroup, &err));
	CHECK(cgroup_frozen(&cgroup, &(struct error){ 0 }) == 0);
	OK(cgroup_thaw(&cgroup, &err));
	/* Frozen is no shelter. */
	OK(cgroup_freeze(&cgroup, &err));
	OK(cgroup_remove(&cgroup, &err));
	CHECK(status_of(child) == 128 + SIGKILL);
	CHECK(!exists(&cgroup));
}

/* By the other freezer, on a hybrid host. */
static void test_a_v1_freezer_is_no_shelter(void)
{
	struct cgroup cgroup = find("");
	pid_t child;

	OK(cgroup_create(&cgroup, &err));
	child = spawn(&cgroup, run_wait);
	if (cgroup_v1_hierarchy(&cgroup, "freezer") != NULL) {
		OK(cgroup_v1_freeze(&cgroup, &err));
		CHECK(cgroup_frozen(&cgroup, &(struct error){ 0 }) == 1);
	}
	OK(cgroup_remove(&cgroup, &err));
	CHECK(status_of(child) == 128 + SIGKILL);
	CHECK(!exists(&cgroup));
}

static void test_signals(void)
{
	struct cgroup cgroup = find("");
	pid_t child;

	OK(cgroup_create(&cgroup, &err));
	child = spawn(&cgroup, run_wait);
	OK(cgroup_signal(&cgroup, SIGUSR1, &err));
	CHECK(status_of(child) == 128 + SIGUSR1);
	child = spawn(&cgroup, run_wait);
	OK(cgroup_signal(&cgroup, SIGKILL, &err));
	CHECK(status_of(child) == 128 + SIGKILL);
	CHECK(cgroup_frozen(&cgroup, &(struct error){ 0 }) == 0);
	OK(cgroup_remove(&cgroup, &err));
	OK(cgroup_signal(&cgroup, SIGKILL, &err)); /* gone is fine */
}

static void test_a_cgroup_in_use_is_refused(void)
{
	struct cgroup cgroup = find(""), again;
	pid_t child;

	OK(cgroup_create(&cgroup, &err));
	again = find("");
	OK(cgroup_check(&again, NULL, &err));
	OK(cgroup_create(&again, &err));
	OK(cgroup_freeze(&cgroup, &err));
	CHECK(cgroup_check(&again, NULL, &err) == -1);
	CHECK(strstr(err.text, "is frozen") != NULL);
	OK(cgroup_thaw(&cgroup, &err));
	child = spawn(&cgroup, run_wait);
	CHECK(cgroup_check(&again, NULL, &err) == -1);
	CHECK_TEXT(err.where, "linux.cgroupsPath");
	CHECK(strstr(err.text, "is used by other processes") != NULL);
	CHECK(cgroup_create(&again, &err) == -1);
	/* Also when it was not there a moment ago. */
	CHECK(cgroup_create(&cgroup, &err) == -1);
	OK(cgroup_remove(&cgroup, &err));
	(void)status_of(child);
}

static void test_a_cgroup_made_meanwhile_is_a_strangers(void)
{
	struct cgroup cgroup = find("/a/b"), stranger = find("/a/b"), top = find("");
	pid_t child;

	OK(cgroup_create(&stranger, &err));
	CHECK(cgroup_create(&cgroup, &err) == -1);
	CHECK(strstr(err.text, "was made by somebody else meanwhile") != NULL);
	CHECK(exists(&stranger));
	child = spawn(&stranger, run_wait);
	CHECK(cgroup_create(&cgroup, &err) == -1);
	OK(cgroup_remove_unused(&cgroup, &err));
	CHECK(exists(&stranger) && waitpid(child, NULL, WNOHANG) == 0);
	OK(cgroup_remove(&stranger, &err));
	(void)status_of(child);
	CHECK(!exists(&top));
	OK(cgroup_create(&cgroup, &err));
	OK(cgroup_remove_unused(&cgroup, &err));
	CHECK(!exists(&top));
}

/* Made in the last hierarchy alone: what was made in the others by then goes. */
static void test_a_half_made_cgroup_goes(void)
{
	struct cgroup cgroup = find("");
	char buffer[CGROUP_DIRECTORY_MAX];
	const char *last;

	if (cgroup.hierarchies_count == 0)
		return;
	last = cgroup_v1_directory(buffer, &cgroup,
				   &cgroup.hierarchies[cgroup.hierarchies_count - 1]);
	CHECK(mkdir(last, 0755) == 0);
	CHECK(cgroup_create(&cgroup, &err) == -1);
	CHECK(strstr(err.text, "was made by somebody else meanwhile") != NULL);
	CHECK(rmdir(last) == 0);
	CHECK(!exists(&cgroup));
	/* Found there, it is used. */
	CHECK(mkdir(last, 0755) == 0);
	cgroup = find("");
	OK(cgroup_create(&cgroup, &err));
	OK(cgroup_remove(&cgroup, &err));
}

static void test_a_frozen_parent_is_refused(void)
{
	struct cgroup parent = find(""), child;

	OK(cgroup_create(&parent, &err));
	OK(cgroup_freeze(&parent, &err));
	child = find("/below");
	CHECK(cgroup_create(&child, &err) == -1);
	CHECK(strstr(err.text, "is frozen") != NULL);
	CHECK(!exists(&child));
	OK(cgroup_remove(&parent, &err));
}

/* Processes of the container that went to a cgroup of their own. */
static void test_where_a_process_is_now(void)
{
	struct cgroup cgroup = find(""), below = find("/init"), current;
	pid_t child;

	OK(cgroup_create(&cgroup, &err));
	OK(cgroup_create(&below, &err));
	child = spawn(&below, run_wait);
	current = find("");
	OK(cgroup_of(&current, &arena, child, &err));
	if (current.unified_mount_point != NULL)
		CHECK_TEXT(current.path, below.path);
	for (size_t i = 0; i < current.hierarchies_count; i++)
		CHECK_TEXT(current.hierarchies[i].path, below.path);
	CHECK(cgroup_of(&current, &arena, 0x7fffffff, &(struct error){ 0 }) == -1);
	OK(cgroup_remove(&cgroup, &err));
	(void)status_of(child);
}

static int run_many(void)
{
	int made = 0;

	while (made < 20 && fork() > 0)
		made++;
	return made;
}

static void test_limits_hold(void)
{
	struct cgroup cgroup = find("");
	struct config_memory memory = { .limit = &limit, .swap = &twice };
	struct config_pids pids = { .limit = &pids_limit };
	struct config_resources resources = { .memory = &memory, .pids = &pids };
	char value[64];

	if (cgroup_check_resources(&cgroup, &resources, &err) < 0) {
		printf("# skipped: %s: %s\n", err.where, err.text);
		CHECK(strstr(err.text,
			     "controller is not available in '/sys/fs/cgroup") != NULL);
		return;
	}
	OK(cgroup_create(&cgroup, &err));
	OK(cgroup_apply(&cgroup, &resources, &err));
	read_value(&cgroup, "memory", "memory.limit_in_bytes", "memory.max", value);
	CHECK_TEXT(value, "33554432\n");
	read_value(&cgroup, "memory", "memory.memsw.limit_in_bytes", "memory.swap.max",
		   value);
	CHECK_TEXT(value,
		   cgroup_v1_hierarchy(&cgroup, "memory") ? "67108864\n" : "33554432\n");
	CHECK(status_of(spawn(&cgroup, run_many)) == 4);
	/* Up, where each is above the other's old value; and down again. */
	memory.limit = &(int64_t){ 128 << 20 };
	memory.swap = &(int64_t){ 256 << 20 };
	OK(cgroup_apply(&cgroup, &resources, &err));
	memory.limit = &limit;
	memory.swap = &limit;
	OK(cgroup_apply(&cgroup, &resources, &err));
	read_value(&cgroup, "memory", "memory.limit_in_bytes", "memory.max", value);
	CHECK_TEXT(value, "33554432\n");
	OK(cgroup_remove(&cgroup, &err));
}

static void test_cpu_limits_are_written(void)
{
	struct cgroup cgroup = find("");
	struct config_cpu cpu = { .shares = &(uint64_t){ 2048 },
				  .quota = &(int64_t){ 50000 },
				  .period = &(uint64_t){ 200000 },
				  .burst = &(uint64_t){ 10000 },
				  .cpus = "0",
				  .mems = "0" };
	struct config_resources resources = { .cpu = &cpu };
	char value[64];

	if (cgroup_check_resources(&cgroup, &resources, &err) < 0) {
		printf("# skipped: %s: %s\n", err.where, err.text);
		return;
	}
	OK(cgroup_create(&cgroup, &err));
	OK(cgroup_apply(&cgroup, &resources, &err));
	read_value(&cgroup, "cpu", "cpu.shares", "cpu.weight", value);
	CHECK_TEXT(value, cgroup_v1_hierarchy(&cgroup, "cpu") ? "2048\n" : "174\n");
	read_value(&cgroup, "cpu", "cpu.cfs_quota_us", "cpu.max", value);
	CHECK(strncmp(value, "50000", 5) == 0);
	read_value(&cgroup, "cpu", "cpu.cfs_burst_us", "cpu.max.burst", value);
	CHECK_TEXT(value, "10000\n");
	read_value(&cgroup, "cpuset", "cpuset.cpus", "cpuset.cpus", value);
	CHECK_TEXT(value, "0\n");
	cpu = (struct config_cpu){ .quota = &(int64_t){ 1000 },
				   .burst = &(uint64_t){ 500 } };
	OK(cgroup_apply(&cgroup, &resources, &err));
	cpu = (struct config_cpu){ .idle = &(int64_t){ 1 },
				   .shares = &(uint64_t){ 1024 } };
	OK(cgroup_apply(&cgroup, &resources, &err));
	read_value(&cgroup, "cpu", "cpu.idle", "cpu.idle", value);
	CHECK_TEXT(value, "1\n");
	cpu = (struct config_cpu){ .cpus = "4000" };
	CHECK(cgroup_apply(&cgroup, &resources, &err) == -1);
	CHECK_TEXT(err.where, "linux.resources.cpu.cpus");
	OK(cgroup_remove(&cgroup, &err));
}

/* A node of the device, made outside, opened by a process inside. */
static char node[64];

static int run_open(void)
{
	int fd = open(node, O_RDONLY);

	return fd < 0 ? errno : 0;
}

static int open_inside(const struct cgroup *cgroup, unsigned major, unsigned minor)
{
	int status;

	(void)snprintf(node, sizeof(node), "/dev/minirun-test-%d", getpid());
	CHECK(mknod(node, S_IFCHR | 0600, makedev(major, minor)) == 0);
	status = status_of(spawn(cgroup, run_open));
	(void)unlink(node);
	return status;
}

static void test_device_rules_hold(void)
{
	static const struct config_device_rule list[] = {
		{ .allow = false, .access = "rwm" },
		{ .allow = true,
		  .type = "c",
		  .major = &one,
		  .minor = &one,
		  .access = "r" },
	};
	struct config_resources resources = { .devices = list, .devices_count = 1 };
	struct cgroup cgroup = find("");

	OK(cgroup_create(&cgroup, &err));
	OK(cgroup_apply(&cgroup, NULL, &err));
	CHECK(open_inside(&cgroup, 1, 1) == EPERM); /* /dev/mem */
	CHECK(open_inside(&cgroup, 1, 5) == 0);     /* /dev/zero */
	OK(cgroup_apply(&cgroup, &resources, &err));
	CHECK(open_inside(&cgroup, 1, 1) == EPERM);
	CHECK(open_inside(&cgroup, 1, 5) == 0);
	resources.devices_count = 2;
	OK(cgroup_apply(&cgroup, &resources, &err));
	CHECK(open_inside(&cgroup, 1, 1) != EPERM);
	CHECK(open_inside(&cgroup, 1, 2) == EPERM);
	OK(cgroup_remove(&cgroup, &err));
}

/* What a container sees: in a mount namespace of a child. */
static int run_tree(void)
{
	struct cgroup cgroup = find("");
	int fd, dirfd;

	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return 2;
	fd = cgroup_tree_open(&cgroup, &err);
	if (fd < 0 || move_mount(fd, "", AT_FDCWD, "/mnt", MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return 3;
	dirfd = open("/mnt", O_PATH | O_DIRECTORY);
	if (cgroup_tree_fill(&cgroup, dirfd, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID,
			     &err) < 0)
		return 4;
	if (cgroup.layout == CGROUP_UNIFIED)
		return access("/mnt/cgroup.events", F_OK) == 0 ? 0 : 5;
	for (size_t i = 0; i < cgroup.hierarchies_count; i++) {
		char path[128];

		(void)snprintf(path, sizeof(path), "/mnt/%s/cgroup.procs",
			       strrchr(cgroup.hierarchies[i].mount_point, '/') + 1);
		if (access(path, R_OK) < 0 || access(path, W_OK) == 0 || errno != EROFS)
			return 6;
	}
	if (cgroup.layout == CGROUP_HYBRID &&
	    access("/mnt/unified/cgroup.events", F_OK) < 0)
		return 7;
	return 0;
}

static void test_what_a_container_sees(void)
{
	struct cgroup cgroup = find("");
	int status;

	OK(cgroup_create(&cgroup, &err));
	status = status_of(spawn(&cgroup, run_tree));
	if (status != 0)
		printf("# status %d\n", status);
	CHECK(status == 0);
	OK(cgroup_remove(&cgroup, &err));
}

int main(void)
{
	struct cgroup cgroup = { 0 };

	self = getpid();
	if (geteuid() != 0 || cgroup_find(&cgroup, &arena, "/minirun-test", &err) < 0) {
		printf("1..0 # SKIP needs root and a cgroup file system\n");
		return 0;
	}
	(void)alarm(120);
	printf("# layout %d, %zu v1 hierarchies\n", cgroup.layout,
	       cgroup.hierarchies_count);
	RUN(test_make_and_remove);
	RUN(test_parents_go_too);
	RUN(test_processes_die_with_it);
	RUN(test_nested_cgroups_go_too);
	RUN(test_freeze_and_thaw);
	RUN(test_a_v1_freezer_is_no_shelter);
	RUN(test_signals);
	RUN(test_a_cgroup_in_use_is_refused);
	RUN(test_a_cgroup_made_meanwhile_is_a_strangers);
	RUN(test_a_half_made_cgroup_goes);
	RUN(test_a_frozen_parent_is_refused);
	RUN(test_where_a_process_is_now);
	RUN(test_limits_hold);
	RUN(test_cpu_limits_are_written);
	RUN(test_device_rules_hold);
	RUN(test_what_a_container_sees);
	arena_release(&arena);
	return check_done();
}
