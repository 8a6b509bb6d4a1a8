/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "kernel/cgroup.h"

/* linux.cgroupsPath: what passes is a cleaned absolute path below the root, without a
 * component that leads out of it. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena arena = { 0 };
	struct error err = { 0 };
	const char *path =
		cgroup_path(&arena, arena_text(&arena, data, size), "id", &err);

	if (path == NULL) {
		assert(strcmp(err.where, "linux.cgroupsPath") == 0);
		return 0;
	}
	assert(path[0] == '/' && path[1] != '\0' && path[1] != '/');
	assert(strstr(path, "//") == NULL && strstr(path, "/../") == NULL);
	assert(path[strlen(path) - 1] != '/');
	assert(strlen(path) < 3 || strcmp(path + strlen(path) - 3, "/..") != 0);
	return 0;
}
