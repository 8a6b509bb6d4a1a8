/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "check.h"
#include "kernel/id_maps.h"
#include "oci/config.h"

static struct error err;
static struct arena arena;

static int check_two(struct config_id_map first, struct config_id_map second)
{
	const struct config_id_map ranges[] = { first, second };
	const struct id_maps maps = { ranges, ranges, 2, 2 };

	err = (struct error){ 0 };
	return id_maps_check(&maps, &err);
}

static void ranges_lie_side_by_side(void)
{
	CHECK(check_two((struct config_id_map){ 0, 1000, 1 },
			(struct config_id_map){ 1, 100000, 65536 }) == 0);
	CHECK(check_two((struct config_id_map){ 0, 1000, 10 },
			(struct config_id_map){ 10, 1010, 10 }) == 0);
	CHECK(check_two((struct config_id_map){ 0, 0, UINT32_MAX },
			(struct config_id_map){ 0, 0, 1 }) < 0);
}

static void ranges_that_overlap_are_named(void)
{
	CHECK(check_two((struct config_id_map){ 0, 1000, 10 },
			(struct config_id_map){ 9, 2000, 1 }) < 0);
	CHECK_TEXT(err.text, "ids inside are those of range 0 too");
	CHECK_TEXT(err.where, "uidMappings[1]");
	CHECK(check_two((struct config_id_map){ 0, 1000, 10 },
			(struct config_id_map){ 10, 991, 10 }) < 0);
	CHECK_TEXT(err.text, "ids of the host are those of range 0 too");
	CHECK(check_two((struct config_id_map){ 0, 0, 1 },
			(struct config_id_map){ 4294967294, 1, 2 }) < 0);
	CHECK_TEXT(err.text, "the range ends above 4294967294");
}

static void users_and_groups_go_together(void)
{
	const struct config_id_map one = { 0, 1000, 1 };

	CHECK(id_maps_check(&(struct id_maps){ &one, NULL, 1, 0 }, &err) < 0);
	CHECK_TEXT(err.where, "gidMappings");
	err = (struct error){ 0 };
	CHECK(id_maps_check(&(struct id_maps){ NULL, &one, 0, 1 }, &err) < 0);
	CHECK_TEXT(err.where, "uidMappings");
	CHECK(id_maps_check(&(struct id_maps){ NULL, NULL, 0, 0 }, &err) == 0);
}

static void not_more_than_the_kernel_takes(void)
{
	static struct config_id_map ranges[341];
	const struct config_id_map one = { 0, 0, 1 };

	for (unsigned i = 0; i < 341; i++)
		ranges[i] = (struct config_id_map){ i, i, 1 };
	CHECK(id_maps_check(&(struct id_maps){ ranges, &one, 340, 1 }, &err) == 0);
	CHECK(id_maps_check(&(struct id_maps){ ranges, &one, 341, 1 }, &err) < 0);
	CHECK_TEXT(err.text, "more than the 340 ranges that the kernel takes");
}

static void ids_of_the_host_are_found(void)
{
	const struct config_id_map ranges[] = { { 0, 1000, 1 }, { 1, 100000, 10 } };
	uint64_t host = 0;

	CHECK(id_maps_to_host(ranges, 2, 0, &host) && host == 1000);
	CHECK(id_maps_to_host(ranges, 2, 10, &host) && host == 100009);
	CHECK(!id_maps_to_host(ranges, 2, 11, &host));
}

static void text_is_read(void)
{
	const struct config_id_map outer[] = { { 0, 100000, 65536 } };
	const struct id_maps container = { outer, outer, 1, 1 };
	struct id_maps maps;

	CHECK(id_maps_parse(&maps, "uids=0-1000-1#1-@;gids=0-0-1", &container, &arena,
			    &err) < 0);
	CHECK(id_maps_parse(&maps, "uids=0-1000-1#@5-7-2;gids=3-4-5", &container, &arena,
			    &err) == 0);
	CHECK(maps.uid_count == 2 && maps.gid_count == 1);
	CHECK(maps.uid[1].container_id == 5 && maps.uid[1].host_id == 100007 &&
	      maps.uid[1].size == 2);
	CHECK(maps.gid[0].container_id == 3 && maps.gid[0].host_id == 4);
	CHECK(id_maps_parse(&maps, "uids=@0-65535-2;gids=0-0-1", &container, &arena,
			    &err) < 0);
	CHECK_TEXT(err.text, "the container has no ids 65535 to 65536");
}

static void wrong_text_is_refused(void)
{
	static const char *const texts[] = {
		"uids=0-1",
		"uids=0-1-0;gids=0-1-1",
		"uids=0-1--1",
		"uids=a-1-1",
		"uids=0-1-1-1",
		"uid=0-1-1",
		"uids=",
		"uids=0-1-1",
		"uids=4294967296-0-1;gids=0-0-1",
	};
	const struct id_maps none = { 0 };
	struct id_maps maps;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		CHECK(id_maps_parse(&maps, texts[i], &none, &arena, &err) < 0 ||
		      maps.uid_count == 0);
}

/* The map as a process in it reads it. */
static void the_namespace_has_the_ids(void)
{
	const struct config_id_map uids[] = { { 0, 1000, 2 }, { 5, 7, 1 } };
	const struct config_id_map gids[] = { { 0, 2000, 3 } };
	const struct id_maps maps = { uids, gids, 2, 1 };
	auto_close int namespace = -1;
	int status = -1;
	pid_t pid;

	if (geteuid() != 0)
		return;
	namespace = id_maps_namespace(&maps, &err);
	CHECK(namespace >= 0);
	pid = fork();
	if (pid == 0) {
		struct stat root;

		_exit(setns(namespace, CLONE_NEWUSER) < 0 || setresgid(2, 2, 2) < 0 ||
		      setresuid(5, 5, 5) < 0 || getuid() != 5 || getgid() != 2 ||
		      stat("/", &root) < 0 || root.st_uid != 65534);
	}
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
}

int main(void)
{
	RUN(ranges_lie_side_by_side);
	RUN(ranges_that_overlap_are_named);
	RUN(users_and_groups_go_together);
	RUN(not_more_than_the_kernel_takes);
	RUN(ids_of_the_host_are_found);
	RUN(text_is_read);
	RUN(wrong_text_is_refused);
	RUN(the_namespace_has_the_ids);
	arena_release(&arena);
	return check_done();
}
