/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/path.h"
#include "image/changes.h"
#include "image/compare.h"
#include "image/differences.h"
#include "image/lowers.h"
#include "image/walk.h"
#include "image/whiteout.h"

/* The directory of the reading that the path is in. It comes in the order of a walk. */
static struct difference *find_parent(struct differences *differences, const char *path)
{
	struct difference *directory = differences->directory;

	while (directory != NULL && !path_is_under(path, directory->path))
		directory = directory->parent;
	differences->directory = directory;
	return directory;
}

/* What happens in a directory happens to it; not to the root, which has no name. */
static void mark_parents(struct difference *directory)
{
	for (; directory != NULL && directory->kind == DIFFERENCE_NONE;
	     directory = directory->parent) {
		if (strcmp(directory->path, "/") != 0)
			directory->kind = DIFFERENCE_CHANGED;
	}
}

/* path: "./a/b", "." for the root. */
static struct difference *add(struct differences *differences, enum difference_kind kind,
			      const char *path, const struct stat *status)
{
	struct difference *difference =
		arena_alloc(differences->arena, 1, sizeof(*difference));

	path = path[1] == '\0' ? "/" : path + 1;
	difference->kind = kind;
	difference->path = arena_text(differences->arena, path, strlen(path));
	difference->mode = status->st_mode;
	difference->size = status->st_size;
	difference->parent = find_parent(differences, difference->path);
	difference->next = differences->first;
	differences->first = difference;
	differences->count++;
	if (kind != DIFFERENCE_NONE)
		mark_parents(difference->parent);
	return difference;
}

static int add_deleted(struct differences *differences, const char *path,
		       struct error *err)
{
	auto_lowers_found struct lowers_found found = LOWERS_FOUND_NONE;
	int result = lowers_find(differences->lowers, path, &found, err);

	if (result > 0)
		(void)add(differences, DIFFERENCE_DELETED, path, &found.entry.status);
	return result < 0 ? -1 : 0;
}

/* fd: the directory of the upper; -1: there is none. */
static bool is_there(int fd, const char *name)
{
	struct stat status;

	return fd >= 0 && fstatat(fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
	       !whiteout_is(fd, name, &status);
}

/* A directory of the lowers is not seen: what it shows and is not there now is gone. */
static int add_hidden(struct differences *differences, const struct walk_entry *entry,
		      struct error *err)
{
	auto_arena struct arena arena = { 0 };
	struct walk_names names = { .arena = &arena };
	auto_close int fd = -1;

	if (S_ISDIR(entry->status.st_mode)) {
		fd = openat(entry->parent, entry->name,
			    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0)
			return error_set(err, errno, "cannot open '%s'", entry->path);
	}
	if (lowers_names(differences->lowers, entry->path, &names, err) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++) {
		if (!is_there(fd, names.list[i]) &&
		    add_deleted(differences,
				arena_format(&arena, "%s/%s", entry->path, names.list[i]),
				err) < 0)
			return -1;
	}
	return 0;
}

static int add_entry(struct differences *differences, const struct change *change,
		     struct error *err)
{
	auto_lowers_found struct lowers_found found = LOWERS_FOUND_NONE;
	const struct walk_entry *entry = change->entry;
	const bool is_directory = S_ISDIR(entry->status.st_mode);
	int there = lowers_find(differences->lowers, change->path, &found, err);
	int differs =
		there > 0 ? compare_entries(entry, &found.entry, differences->ids, err)
			  : there;
	struct difference *difference;

	if (there < 0 || differs < 0)
		return -1;
	difference = add(differences,
			 there == 0 ? DIFFERENCE_ADDED
			 : differs  ? DIFFERENCE_CHANGED
				    : DIFFERENCE_NONE,
			 change->path, &entry->status);
	/* Also what is in a file's place: what is gone was in the directory it replaced.
	 */
	differences->directory = difference;
	if (there > 0 && S_ISDIR(found.entry.status.st_mode) &&
	    (!is_directory || change->hides != CHANGE_HIDES_NONE))
		return add_hidden(differences, entry, err);
	return 0;
}

static int on_change(void *context, const struct change *change, struct error *err)
{
	struct differences *differences = context;

	switch (change->kind) {
	case CHANGE_ENTRY:
		return add_entry(differences, change, err);
	case CHANGE_GONE:
		return add_deleted(differences, change->path, err);
	case CHANGE_SOCKET:
		break; /* to be told when it comes */
	}
	return 0;
}

int differences_find(struct differences *differences, int upperfd, struct error *err)
{
	const struct changes_reader reader = { .change = on_change,
					       .context = differences };

	return changes_read(upperfd, differences->lowers, &reader, err);
}

static int compare_paths(const void *left, const void *right)
{
	return strcmp((*(struct difference *const *)left)->path,
		      (*(struct difference *const *)right)->path);
}

struct difference **differences_sort(const struct differences *differences, size_t *count)
{
	struct difference **list =
		arena_alloc(differences->arena, differences->count + 1, sizeof(*list));

	*count = 0;
	for (struct difference *next = differences->first; next != NULL;
	     next = next->next) {
		if (next->kind != DIFFERENCE_NONE)
			list[(*count)++] = next;
	}
	qsort(list, *count, sizeof(*list), compare_paths);
	return list;
}
