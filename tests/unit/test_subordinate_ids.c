/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "check.h"
#include "kernel/subordinate_ids.h"
#include "oci/config.h"
#include "temporary.h"

static const struct config_id_map *read_ids(const char *content, struct arena *arena,
					    size_t *count)
{
	auto_temporary struct temporary directory = temporary_new();
	auto_text struct text text = { 0 };
	struct error err;

	text_put(&text, content);
	CHECK(file_replace(directory.fd, "subuid", &text, &err) == 0);
	return subordinate_ids_read(arena_format(arena, "%s/subuid", directory.path), 7,
				    arena, count);
}

static void the_own_id_is_the_first(void)
{
	auto_arena struct arena arena = { 0 };
	const struct config_id_map *ids;
	size_t count;

	ids = subordinate_ids_read("/nowhere/subuid", 7, &arena, &count);
	CHECK(count == 1 && ids[0].container_id == 0 && ids[0].host_id == 7 &&
	      ids[0].size == 1);
	(void)read_ids("", &arena, &count);
	CHECK(count == 1);
}

static void ranges_follow_one_another(void)
{
	auto_arena struct arena arena = { 0 };
	const struct config_id_map *ids;
	char content[256];
	size_t count;

	(void)snprintf(content, sizeof(content),
		       "somebody:1:2\n%u:100000:65536\nnonsense\n%u::\n%u:5:0\n"
		       "%u:300000:10",
		       geteuid(), geteuid(), geteuid(), geteuid());
	ids = read_ids(content, &arena, &count);
	CHECK(count == 3);
	CHECK(ids[1].container_id == 1 && ids[1].host_id == 100000 &&
	      ids[1].size == 65536);
	CHECK(ids[2].container_id == 65537 && ids[2].host_id == 300000 &&
	      ids[2].size == 10);
}

int main(void)
{
	RUN(the_own_id_is_the_first);
	RUN(ranges_follow_one_another);
	return check_done();
}
