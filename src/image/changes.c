/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/path.h"
#include "image/changes.h"
#include "image/file_xattrs.h"
#include "image/layer_write.h"
#include "image/lowers.h"
#include "image/walk.h"
#include "image/whiteout.h"

struct changes {
	const struct lowers *lowers;
	struct layer_write *writer;
	struct arena arena;
	const char
		*opaque; /* the topmost opaque directory that the walk is in, or NULL */
};

/* Below an opaque directory nothing of the lowers is seen, so nothing needs hiding. */
static bool is_in_opaque(const struct changes *changes, const char *path)
{
	return changes->opaque != NULL && path_is_under(path, changes->opaque);
}

static int hides(struct changes *changes, const char *path, struct error *err)
{
	return is_in_opaque(changes, path) ? 0 : lowers_type(changes->lowers, path, err);
}

/* Sockets too: a tar cannot hold one, and what it replaced would come back. */
static int write_whiteout(struct changes *changes, const struct walk_directory *directory,
			  const char *name, struct error *err)
{
	struct stat status;
	const char *path;
	int hidden;

	if (fstatat(directory->fd, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0
				       : error_set(err, errno, "cannot look at '%s/%s'",
						   directory->path, name);
	if (!S_ISSOCK(status.st_mode) && !whiteout_is(directory->fd, name, &status))
		return 0;
	path = arena_format(&changes->arena, "%s/%s", directory->path, name);
	hidden = hides(changes, path, err);
	if (hidden <= 0)
		return hidden;
	if (whiteout_is_marker(name))
		return error_set(err, 0,
				 "the deletion of '%s' cannot be in a layer: its name "
				 "means one itself; use --merged",
				 path);
	return layer_write_whiteout(
		changes->writer,
		arena_format(&changes->arena, "%s/.wh.%s", directory->path, name), err);
}

static int write_opaque(struct changes *changes, const struct walk_directory *directory,
			struct error *err)
{
	int hidden;

	if (is_in_opaque(changes, directory->path) ||
	    !whiteout_is_opaque(directory->fd, "."))
		return 0;
	hidden = hides(changes, directory->path, err);
	changes->opaque =
		arena_text(&changes->arena, directory->path, strlen(directory->path));
	if (hidden != S_IFDIR)
		return hidden < 0 ? -1 : 0;
	return layer_write_whiteout(
		changes->writer,
		arena_format(&changes->arena, "%s/.wh..wh..opq", directory->path), err);
}

static int on_directory(void *context, const struct walk_directory *directory,
			struct error *err)
{
	struct changes *changes = context;

	if (write_opaque(changes, directory, err) < 0)
		return -1;
	for (char *const *name = directory->names; *name != NULL; name++) {
		if (write_whiteout(changes, directory, *name, err) < 0)
			return -1;
	}
	return 0;
}

/* Uppers that somebody else mounted may hold what minirun's overlays never make. */
static int refuse_foreign(const struct walk_entry *entry, struct error *err)
{
	static const char *const attributes[] = { "redirect", "metacopy" };
	char value[8];

	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		ssize_t length = file_xattrs_overlay(entry->parent, entry->name,
						     attributes[i], value, sizeof(value));

		if (length < 0)
			return error_set(err, errno, "cannot read the attributes of '%s'",
					 entry->path);
		if (length > 0)
			return error_set(
				err, 0,
				"'%s' has overlay.%s: the upper is no complete diff, "
				"use --merged",
				entry->path, attributes[i]);
	}
	return 0;
}

static int on_entry(void *context, const struct walk_entry *entry, struct error *err)
{
	struct changes *changes = context;

	if (whiteout_is(entry->parent, entry->name, &entry->status))
		return 0;
	if ((S_ISDIR(entry->status.st_mode) || S_ISREG(entry->status.st_mode)) &&
	    refuse_foreign(entry, err) < 0)
		return -1;
	return layer_write_add(changes->writer, entry, err);
}

int changes_write(int upperfd, const struct lowers *lowers, struct layer_write *writer,
		  struct error *err)
{
	struct changes changes = { .lowers = lowers, .writer = writer };
	const struct walk walk = { .directory = on_directory,
				   .entry = on_entry,
				   .context = &changes };
	int result = walk_run(&walk, upperfd, err);

	arena_release(&changes.arena);
	return result;
}
