/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "kernel/id_maps.h"
#include "oci/config.h"

/* The text behind "idmap=": what passes are ranges that lie side by side, and within
 * those of the container where they are relative. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct config_id_map *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint64_t host;

		assert(ranges[i].size > 0);
		assert(ranges[i].container_id + ranges[i].size <= UINT32_MAX);
		assert(ranges[i].host_id + ranges[i].size <= UINT32_MAX);
		assert(id_maps_to_host(ranges, count, ranges[i].container_id, &host));
		assert(host == ranges[i].host_id);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct config_id_map own[] = { { 0, 1000, 1 },
						    { 1, 100000, 65536 } };
	const struct id_maps container = { own, own, 2, 2 };
	auto_arena struct arena arena = { 0 };
	struct error err = { 0 };
	struct id_maps maps;

	if (id_maps_parse(&maps, arena_text(&arena, data, size), &container, &arena,
			  &err) < 0) {
		assert(err.text[0] != '\0');
		return 0;
	}
	check(maps.uid, maps.uid_count);
	check(maps.gid, maps.gid_count);
	return 0;
}
