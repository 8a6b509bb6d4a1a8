/* SPDX-License-Identifier: Apache-2.0 */
#include "image/layer_directories.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "kernel/inside.h"

struct layer_directory {
	struct layer_directory *next;
	const char *path; /* of it so many bytes */
	size_t length, number;
	struct timespec times[2];
	bool is_implied;
};

void layer_directories_open(struct layer_directories *directories, struct arena *arena)
{
	*directories = (struct layer_directories){ .arena = arena };
	directories->end = &directories->first;
}

void layer_directories_add(struct layer_directories *directories, const char *path,
			   size_t length, const struct timespec *time)
{
	struct layer_directory *directory =
		arena_alloc(directories->arena, 1, sizeof(*directory));

	directory->path = path;
	directory->length = length;
	directory->number = directories->count++;
	directory->is_implied = time == NULL;
	if (time != NULL)
		directory->times[0] = directory->times[1] = *time;
	*directories->end = directory;
	directories->end = &directory->next;
}

/* A directory that a later entry took away, or replaced, has no times to set. */
int layer_directories_set_times(const struct layer_directories *directories, int rootfd,
				struct error *err)
{
	for (const struct layer_directory *at = directories->first; at != NULL;
	     at = at->next) {
		char path[PATH_MAX + NAME_MAX + 2];
		auto_close int fd = -1;

		(void)snprintf(path, sizeof(path), "/%.*s", (int)at->length, at->path);
		fd = inside_open(rootfd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
		if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
			continue;
		if (fd < 0 || futimens(fd, at->times) < 0)
			return error_set(err, errno, "cannot set the time of '%s'", path);
	}
	return 0;
}

static int compare_paths(const struct layer_directory *left,
			 const struct layer_directory *right)
{
	const size_t shorter =
		left->length < right->length ? left->length : right->length;
	const int order = memcmp(left->path, right->path, shorter);

	if (order != 0 || left->length == right->length)
		return order;
	return left->length < right->length ? -1 : 1;
}

static int compare(const void *left, const void *right)
{
	const struct layer_directory *one = *(const struct layer_directory *const *)left;
	const struct layer_directory *two = *(const struct layer_directory *const *)right;
	const int order = compare_paths(one, two);

	return order != 0 ? order : one->number < two->number ? -1 : 1;
}

char **layer_directories_implied(const struct layer_directories *directories,
				 struct arena *arena)
{
	const size_t count = directories->count;
	const struct layer_directory **sorted = arena_alloc(
		directories->arena, count + 1, sizeof(struct layer_directory *));
	char **implied = arena_alloc(arena, count + 1, sizeof(*implied));
	size_t found = 0, at = 0;

	for (const struct layer_directory *item = directories->first; item != NULL;
	     item = item->next)
		sorted[at++] = item;
	qsort(sorted, count, sizeof(*sorted), compare);
	for (size_t i = 0; i < count; i++) {
		const bool is_last =
			i + 1 == count || compare_paths(sorted[i], sorted[i + 1]) != 0;

		if (is_last && sorted[i]->is_implied)
			implied[found++] =
				arena_text(arena, sorted[i]->path, sorted[i]->length);
	}
	return implied;
}
