/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "container/record.h"
#include "image/file_xattrs.h"
#include "image/lowers.h"
#include "image/merged.h"
#include "image/whiteout.h"

enum place_kind {
	PLACE_FAILED = -1, /* and errno */
	PLACE_BELOW,       /* nothing here: the next layer is to be asked */
	PLACE_HIDDEN,      /* nothing, and no lower layer is to be asked */
	PLACE_FOUND,
};

int lowers_open(struct lowers *lowers, const struct record *record, struct error *err)
{
	lowers->fds = calloc(record->lowers_count + 1, sizeof(int));
	if (lowers->fds == NULL)
		return error_set(err, ENOMEM, "cannot open the lower layers");
	for (size_t i = 0; i < record->lowers_count; i++) {
		/* As overlayfs takes them: without what the host has mounted below. */
		int fd = merged_open_plain(record->lowers[i].path, err);

		if (fd < 0)
			return -1;
		lowers->fds[lowers->count++] = fd;
	}
	return 0;
}

/* The length of the next component, and *path past it. */
static size_t next_component(const char **path, char *name)
{
	size_t span;

	*path += strspn(*path, "/");
	span = strcspn(*path, "/");
	memcpy(name, *path, span);
	name[span] = '\0';
	*path += span;
	return span;
}

static enum place_kind look(int parent, const char *name, struct stat *status)
{
	if (fstatat(parent, name, status, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT || errno == ENOTDIR ? PLACE_BELOW : PLACE_FAILED;
	return whiteout_is(parent, name, status) ? PLACE_HIDDEN : PLACE_FOUND;
}

/* One layer. The entry's parent is set, and owned, in every case. */
static enum place_kind find_in(int layer, const char *path, struct lowers_found *found)
{
	struct walk_entry *entry = &found->entry;
	bool opaque = false;

	entry->name = found->name;
	entry->path = path;
	entry->parent = fcntl(layer, F_DUPFD_CLOEXEC, 3);
	path += path[0] == '.'; /* of the root, "." */
	if (*path == '\0') {
		(void)memcpy(found->name, ".", sizeof("."));
		return entry->parent < 0 ? PLACE_FAILED
					 : look(entry->parent, ".", &entry->status);
	}
	while (entry->parent >= 0 && next_component(&path, found->name) > 0) {
		enum place_kind kind = look(entry->parent, found->name, &entry->status);
		int next;

		if (kind == PLACE_BELOW)
			return opaque ? PLACE_HIDDEN : PLACE_BELOW;
		if (kind != PLACE_FOUND || *path == '\0')
			return kind;
		if (!S_ISDIR(entry->status.st_mode))
			return PLACE_HIDDEN; /* where a directory would have to be */
		opaque = opaque || whiteout_is_opaque(entry->parent, found->name);
		next = openat(entry->parent, found->name,
			      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		(void)close(entry->parent);
		entry->parent = next;
	}
	return PLACE_FAILED;
}

static int cannot_look(const char *path, struct error *err)
{
	return error_set(err, errno, "cannot look for '%s' in a lower layer", path);
}

int lowers_find(const struct lowers *lowers, const char *path, struct lowers_found *found,
		struct error *err)
{
	for (size_t i = 0; i < lowers->count; i++) {
		enum place_kind kind = find_in(lowers->fds[i], path, found);

		if (kind == PLACE_FOUND)
			return 1;
		if (kind == PLACE_FAILED)
			return cannot_look(path, err);
		lowers_found_release(found);
		if (kind == PLACE_HIDDEN)
			return 0;
	}
	return 0;
}

int lowers_type(const struct lowers *lowers, const char *path, struct error *err)
{
	auto_lowers_found struct lowers_found found = LOWERS_FOUND_NONE;
	int result = lowers_find(lowers, path, &found, err);

	return result <= 0 ? result : (int)(found.entry.status.st_mode & S_IFMT);
}

/* All that one layer has there, shown or not; nothing if it has no directory there. */
static int add_names(int layer, const char *path, struct walk_names *names,
		     struct error *err)
{
	auto_lowers_found struct lowers_found found = LOWERS_FOUND_NONE;
	auto_close int fd = -1;
	enum place_kind kind = find_in(layer, path, &found);

	if (kind == PLACE_FAILED)
		return cannot_look(path, err);
	if (kind != PLACE_FOUND || !S_ISDIR(found.entry.status.st_mode))
		return 0;
	fd = openat(found.entry.parent, found.name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? cannot_look(path, err) : walk_names_add(names, fd, path, err);
}

int lowers_names(const struct lowers *lowers, const char *path, struct walk_names *names,
		 struct error *err)
{
	size_t kept = 0;

	for (size_t i = 0; i < lowers->count; i++) {
		if (add_names(lowers->fds[i], path, names, err) < 0)
			return -1;
	}
	walk_names_sort(names);
	for (size_t i = 0; i < names->count; i++) {
		auto_arena struct arena arena = { 0 };
		char *name = names->list[i];
		int type;

		if (kept > 0 && strcmp(name, names->list[kept - 1]) == 0)
			continue;
		type = lowers_type(lowers, arena_format(&arena, "%s/%s", path, name),
				   err);
		if (type < 0)
			return -1;
		if (type != 0)
			names->list[kept++] = name;
	}
	names->count = kept;
	return 0;
}

void lowers_found_release(struct lowers_found *found)
{
	if (found->entry.parent >= 0)
		(void)close(found->entry.parent);
	found->entry.parent = -1;
}

void lowers_release(struct lowers *lowers)
{
	for (size_t i = 0; i < lowers->count; i++)
		(void)close(lowers->fds[i]);
	free(lowers->fds);
}
