/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/copy.h"
#include "base/error.h"
#include "image/layer_implied.h"
#include "kernel/inside.h"

static int copy_one(int rootfd, const char *path, const struct lowers *below,
		    struct error *err)
{
	auto_lowers_found struct lowers_found found = LOWERS_FOUND_NONE;
	auto_arena struct arena arena = { 0 };
	auto_close int to = -1;
	auto_close int from = -1;
	int result;

	to = inside_open_direct(rootfd, path[0] == '\0' ? "." : path,
				O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	if (to < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
		return 0; /* a later entry took it away, or replaced it */
	if (to < 0)
		return error_set(err, errno, "cannot open '%s'", path);
	result = lowers_find(below,
			     path[0] == '\0' ? "." : arena_format(&arena, "./%s", path),
			     &found, err);
	if (result <= 0 || !S_ISDIR(found.entry.status.st_mode))
		return result < 0 ? -1 : 0;
	from = openat(found.entry.parent, found.name,
		      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (from < 0)
		return error_set(err, errno, "cannot open '%s' below", path);
	return copy_attributes(from, to, err) < 0 ? error_prefix(err, "'%s'", path) : 0;
}

int layer_implied_copy(int rootfd, char *const *implied, const struct lowers *below,
		       struct error *err)
{
	for (; *implied != NULL; implied++) {
		if (copy_one(rootfd, *implied, below, err) < 0)
			return -1;
	}
	return 0;
}
