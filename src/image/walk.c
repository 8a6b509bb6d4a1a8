/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "image/walk.h"
#include "kernel/inside.h"

static int compare_names(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

/* Room for one more, and the NULL at the end. */
static void grow(struct walk_names *names)
{
	const size_t room = names->room == 0 ? 64 : 2 * names->room;
	char **more;

	if (names->count + 1 < names->room)
		return;
	more = arena_alloc(names->arena, room, sizeof(*more));
	if (names->count > 0)
		memcpy(more, names->list, names->count * sizeof(*more));
	names->list = more;
	names->room = room;
}

int walk_names_add(struct walk_names *names, int fd, const char *path, struct error *err)
{
	int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_dir DIR *directory = again < 0 ? NULL : fdopendir(again);
	struct dirent *entry;

	if (directory == NULL)
		return error_set(err, errno, "cannot read '%s'", path);
	while (errno = 0, (entry = readdir(directory)) != NULL) {
		const char *name = entry->d_name;

		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			continue;
		grow(names);
		names->list[names->count++] =
			arena_text(names->arena, name, strlen(name));
	}
	return errno == 0 ? 0 : error_set(err, errno, "cannot read '%s'", path);
}

void walk_names_sort(struct walk_names *names)
{
	grow(names);
	qsort(names->list, names->count, sizeof(*names->list), compare_names);
	names->list[names->count] = NULL;
}

static int walk_directory(const struct walk *walk, int fd, const char *path,
			  struct error *err);

static int walk_entry(const struct walk *walk, const struct walk_entry *entry,
		      struct error *err)
{
	auto_close int fd = -1;
	int result = walk->entry(walk->context, entry, err);

	if (result != 0 || !S_ISDIR(entry->status.st_mode))
		return result < 0 ? -1 : 0;
	fd = inside_open_direct(entry->parent, entry->name, O_RDONLY | O_DIRECTORY);
	if (fd < 0)
		return error_set(err, errno, "cannot open '%s'", entry->path);
	return walk_directory(walk, fd, entry->path, err);
}

static int walk_name(const struct walk *walk, struct walk_entry *entry, struct error *err)
{
	if (fstatat(entry->parent, entry->name, &entry->status, AT_SYMLINK_NOFOLLOW) == 0)
		return walk_entry(walk, entry, err);
	/* Listed and yet not there is, in an overlay, a whiteout in a directory that only
	 * one layer has; and what a container that is not held still removes. */
	if (errno == ENOENT)
		return 0;
	return error_set(err, errno, "cannot look at '%s'", entry->path);
}

static int walk_directory(const struct walk *walk, int fd, const char *path,
			  struct error *err)
{
	auto_arena struct arena arena = { 0 }; /* of this level alone */
	struct walk_names names = { .arena = &arena };

	if (walk_names_add(&names, fd, path, err) < 0)
		return -1;
	walk_names_sort(&names);
	if (walk->directory != NULL) {
		const struct walk_directory directory = { fd, path, names.list };

		if (walk->directory(walk->context, &directory, err) < 0)
			return -1;
	}
	for (char *const *name = names.list; *name != NULL; name++) {
		struct walk_entry entry = {
			.parent = fd,
			.name = *name,
			.path = arena_format(&arena, "%s/%s", path, *name),
		};

		if (strlen(entry.path) >= PATH_MAX)
			return error_set(err, ENAMETOOLONG, "cannot archive '%.64s…'",
					 entry.path);
		if (walk_name(walk, &entry, err) < 0)
			return -1;
	}
	return 0;
}

int walk_run(const struct walk *walk, int rootfd, struct error *err)
{
	struct walk_entry root = { .parent = rootfd, .name = ".", .path = "." };

	if (fstat(rootfd, &root.status) < 0)
		return error_set(err, errno, "cannot look at the root");
	return walk_entry(walk, &root, err);
}

void walk_proc_path(int parent, const char *name, char *buffer, size_t size)
{
	(void)snprintf(buffer, size, "/proc/self/fd/%d/%s", parent, name);
}
