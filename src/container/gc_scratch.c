/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "container/gc_parts.h"
#include "container/layers_scratch.h"

static void look_at(struct gc_run *run, int scratchfd, const char *directory,
		    const char *name)
{
	auto_arena struct arena arena = { 0 };
	const struct gc_item item = {
		GC_REMOVE,
		"directory",
		arena_format(&arena, "%s/%s", directory, name),
		"an unpack was interrupted",
		{ NULL },
	};
	struct error err;
	int found = layers_scratch_sweep(scratchfd, name,
					 gc_is_dry(run) ? LAYERS_SCRATCH_KEEP : 0, &err);

	if (found < 0)
		gc_fail(run, &err);
	if (found > 0)
		gc_say(run, &item);
}

void gc_scratch(struct gc_run *run)
{
	auto_arena struct arena arena = { 0 };
	const char *path =
		arena_format(&arena, "%s/layers/scratch", run->request->data_root);
	auto_dir DIR *list = opendir(path);
	const struct dirent *entry;
	struct error err;

	if (list == NULL && errno != ENOENT) {
		(void)error_set(&err, errno, "cannot read '%s'", path);
		gc_fail(run, &err);
	}
	while (list != NULL && (entry = readdir(list)) != NULL) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			look_at(run, dirfd(list), path, entry->d_name);
	}
}
