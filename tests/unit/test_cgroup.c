/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/arena.h"
#include "base/error.h"
#include "kernel/cgroup.h"
#include "kernel/cgroup_below.h"
#include "kernel/cgroup_files.h"

#include "check.h"

static void test_paths_that_are_taken(void)
{
	static const char *const cases[][2] = {
		{ "/a", "/a" },
		{ "", "/id" },
		{ "a/b", "/a/b" },
		{ "//a///b/./", "/a/b" },
		{ "/system.slice:docker:1", "/system.slice:docker:1" },
		{ "/a/..b", "/a/..b" },
	};
	auto_arena struct arena arena = { 0 };
	struct error err = { 0 };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *path = cgroup_path(&arena, cases[i][0], "id", &err);

		CHECK(path != NULL);
		CHECK_TEXT(path != NULL ? path : "", cases[i][1]);
	}
	CHECK_TEXT(cgroup_path(&arena, NULL, "id", &err), "/id");
}

static void test_paths_that_are_refused(void)
{
	static const char *const cases[] = { "/",       ".",     "/./",   "..",
					     "/a/../b", "/a/..", "/a\nb", "/a\x7f" };
	auto_arena struct arena arena = { 0 };
	char *longer = arena_alloc(&arena, CGROUP_PATH_MAX + 2, 1);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct error err = { 0 };

		CHECK(cgroup_path(&arena, cases[i], "id", &err) == NULL);
		CHECK_TEXT(err.where, "linux.cgroupsPath");
		CHECK(err.text[0] != '\0');
	}
	memset(longer, 'a', CGROUP_PATH_MAX + 1);
	CHECK(cgroup_path(&arena, longer, "id", &(struct error){ 0 }) == NULL);
}

static void test_directories(void)
{
	char buffer[CGROUP_DIRECTORY_MAX];

	CHECK(cgroup_components("/") == 0);
	CHECK(cgroup_components("/a/b") == 2);
	CHECK_TEXT(cgroup_directory(buffer, "/top", "/a"), "/top/a");
	CHECK_TEXT(cgroup_directory(buffer, "/top", "/"), "/top");
	CHECK_TEXT(cgroup_directory_part(buffer, "/top", "/a/b/c", 0), "/top");
	CHECK_TEXT(cgroup_directory_part(buffer, "/top", "/a/b/c", 1), "/top/a");
	CHECK_TEXT(cgroup_directory_part(buffer, "/top", "/a/b/c", 3), "/top/a/b/c");
	CHECK_TEXT(cgroup_directory_part(buffer, "/top", "/a/b/c", 9), "/top/a/b/c");
}

static void test_lists(void)
{
	CHECK(cgroup_list_has("cpuset cpu io\n", "cpu"));
	CHECK(cgroup_list_has("cpu,cpuacct", "cpuacct"));
	CHECK(cgroup_list_has("io\n", "io"));
	CHECK(!cgroup_list_has("cpuset io", "cpu"));
	CHECK(!cgroup_list_has("", "cpu"));
	CHECK(cgroup_lines_have("populated 1\nfrozen 0\n", "frozen 0"));
	CHECK(!cgroup_lines_have("populated 1\nfrozen 0\n", "frozen 1"));
	CHECK(!cgroup_lines_have("populated 1\nfrozen 0\n", "frozen"));
}

static const struct cgroup mixed = {
	.layout = CGROUP_HYBRID,
	.path = "/own",
	.unified_mount_point = "/v2",
	.hierarchies = { { .controllers = "cpu,cpuacct" },
			 { .controllers = "pids" },
			 { .controllers = "name=systemd" } },
	.hierarchies_count = 3,
};

static void test_below(void)
{
	auto_arena struct arena arena = { 0 };
	struct cgroup cgroup = mixed;
	struct error err = { 0 };
	const char *all[] = { "a//b/", NULL };
	const char *some[] = { "cpuacct,cpu:a", "name=systemd:/b:c", NULL };

	CHECK(cgroup_below(&cgroup, &arena, all, &err) == 0);
	CHECK_TEXT(cgroup.path, "/own/a/b");
	CHECK(cgroup.hierarchies[1].path == NULL);
	cgroup = mixed;
	CHECK(cgroup_below(&cgroup, &arena, some, &err) == 0);
	CHECK_TEXT(cgroup.path, "/own");
	CHECK_TEXT(cgroup.hierarchies[0].path, "/own/a");
	CHECK(cgroup.hierarchies[1].path == NULL);
	CHECK_TEXT(cgroup.hierarchies[2].path, "/own/b:c");
}

static void test_below_that_is_refused(void)
{
	static const char *words[][3] = {
		{ "..", NULL },
		{ "a/../..", NULL },
		{ "pids:..", NULL },
		{ "a\nb", NULL },
		{ "no:a", NULL },
		{ ":a", NULL },
		{ "pids,:a", NULL },
		{ ",pids:a", NULL },
		{ "a", "a", NULL },
		{ "pids:a", "a", NULL },
		{ "cpu:a", "cpuacct:b", NULL },
	};
	auto_arena struct arena arena = { 0 };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct cgroup cgroup = mixed;
		struct error err = { 0 };

		CHECK(cgroup_below(&cgroup, &arena, words[i], &err) == -1);
		CHECK(err.text[0] != '\0' && err.where[0] == '\0');
	}
}

/* Every function takes the zero value: --cgroup-manager disabled. */
static void test_disabled_does_nothing(void)
{
	auto_arena struct arena arena = { 0 };
	struct cgroup cgroup = { 0 };
	struct error err = { 0 };
	int fd = 7;
	pid_t *pids;
	size_t count = 7;

	CHECK(cgroup_check(&cgroup, NULL, &err) == 0);
	CHECK(cgroup_create(&cgroup, &err) == 0);
	CHECK(cgroup_open(&cgroup, &fd, &err) == 0 && fd == -1);
	CHECK(cgroup_join(&cgroup, 0, &err) == 0);
	CHECK(cgroup_of(&cgroup, &arena, 1, &err) == 0);
	CHECK(cgroup_apply(&cgroup, NULL, &err) == 0);
	CHECK(cgroup_frozen(&cgroup, &err) == 0);
	CHECK(cgroup_freeze(&cgroup, &err) == 0);
	CHECK(cgroup_thaw(&cgroup, &err) == 0);
	CHECK(cgroup_signal(&cgroup, 9, &err) == 0);
	CHECK(cgroup_pids(&cgroup, &arena, &pids, &count, &err) == 0 && count == 0);
	CHECK(cgroup_remove(&cgroup, &err) == 0);
}

int main(void)
{
	RUN(test_paths_that_are_taken);
	RUN(test_paths_that_are_refused);
	RUN(test_directories);
	RUN(test_lists);
	RUN(test_below);
	RUN(test_below_that_is_refused);
	RUN(test_disabled_does_nothing);
	return check_done();
}
