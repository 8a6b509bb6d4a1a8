/* SPDX-License-Identifier: Apache-2.0 */
#include <poll.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/auto.h"
#include "check.h"
#include "kernel/cgroup.h"
#include "kernel/cgroup_oom.h"
#include "kernel/cgroup_v1.h"
#include "temporary.h"

static struct error err;

static void put_events(const struct temporary *host, const char *content)
{
	auto_close int fd =
		openat(host->fd, "c/memory.events", O_WRONLY | O_CREAT | O_TRUNC, 0600);

	CHECK(write(fd, content, strlen(content)) == (ssize_t)strlen(content));
}

/* A directory plays the cgroup. */
static void v2_counts_what_was_killed(void)
{
	auto_temporary struct temporary host = temporary_new();
	auto_cgroup_oom struct cgroup_oom oom = CGROUP_OOM_NONE;
	const struct cgroup cgroup = {
		.layout = CGROUP_UNIFIED,
		.path = "/c",
		.unified_mount_point = host.path,
	};

	CHECK(mkdirat(host.fd, "c", 0700) == 0);
	put_events(&host, "low 0\nhigh 0\nmax 9\noom 3\noom_kill 2\noom_group_kill 1\n");
	CHECK(cgroup_oom_open(&cgroup, &oom, &err) == 0);
	CHECK(oom.fd >= 0 && oom.events == POLLPRI);
	CHECK(!cgroup_oom_happened(&oom));
	put_events(&host, "low 0\nhigh 5\nmax 10\noom 4\noom_kill 2\noom_group_kill 2\n");
	CHECK(!cgroup_oom_happened(&oom));
	put_events(&host, "low 0\nhigh 5\nmax 10\noom 4\noom_kill 4\noom_group_kill 2\n");
	CHECK(cgroup_oom_happened(&oom));
	CHECK(!cgroup_oom_happened(&oom));
}

static void without_the_controller_nothing_tells(void)
{
	auto_temporary struct temporary host = temporary_new();
	auto_cgroup_oom struct cgroup_oom oom = CGROUP_OOM_NONE;
	struct cgroup cgroup = {
		.layout = CGROUP_UNIFIED,
		.path = "/c",
		.unified_mount_point = host.path,
	};

	CHECK(mkdirat(host.fd, "c", 0700) == 0);
	CHECK(cgroup_oom_open(&cgroup, &oom, &err) == 0);
	CHECK(oom.fd == -1 && !cgroup_oom_happened(&oom));
	cgroup = (struct cgroup){ .layout = CGROUP_LEGACY, .path = "/c" };
	CHECK(cgroup_oom_open(&cgroup, &oom, &err) == 0);
	CHECK(oom.fd == -1 && !cgroup_oom_happened(&oom));
}

/* The kernel tells of it by the same eventfd. */
static void the_end_of_a_cgroup_is_none(void)
{
	auto_arena struct arena arena = { 0 };
	auto_cgroup_oom struct cgroup_oom oom = CGROUP_OOM_NONE;
	const char *path = arena_format(&arena, "/minirun-test-%d", getpid());
	struct pollfd ready = { 0 };
	struct cgroup cgroup;

	CHECK(cgroup_find(&cgroup, &arena, path, &err) == 0);
	if (cgroup_v1_hierarchy(&cgroup, "memory") == NULL ||
	    cgroup_create(&cgroup, &err) < 0) {
		printf("# no memory controller of v1, or not root\n");
		return;
	}
	CHECK(cgroup_oom_open(&cgroup, &oom, &err) == 0);
	CHECK(!cgroup_oom_happened(&oom) && oom.fd >= 0);
	CHECK(cgroup_remove(&cgroup, &err) == 0);
	ready = (struct pollfd){ .fd = oom.fd, .events = oom.events };
	CHECK(poll(&ready, 1, 10 * 1000) == 1);
	CHECK(!cgroup_oom_happened(&oom) && oom.fd == -1);
}

int main(void)
{
	RUN(v2_counts_what_was_killed);
	RUN(without_the_controller_nothing_tells);
	RUN(the_end_of_a_cgroup_is_none);
	return check_done();
}
