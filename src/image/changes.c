/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/path.h"
#include "image/changes.h"
#include "image/file_xattrs.h"
#include "image/lowers.h"
#include "image/walk.h"
#include "image/whiteout.h"

struct changes {
	const struct lowers *lowers;
	const struct changes_reader *reader;
	struct arena arena;
	/* The topmost opaque directory that the walk is in, or NULL. */
	const char *opaque;
};

static int tell(const struct changes *changes, const struct change *change,
		struct error *err)
{
	return changes->reader->change(changes->reader->context, change, err);
}

/* Below an opaque directory nothing of the lowers is seen, so nothing is gone there. */
static bool is_in_opaque(const struct changes *changes, const char *path)
{
	return changes->opaque != NULL && path_is_under(path, changes->opaque);
}

static int tell_gone(struct changes *changes, const struct walk_directory *directory,
		     const char *name, struct error *err)
{
	struct change change = { .kind = CHANGE_GONE };
	struct stat status;
	int hidden;

	if (fstatat(directory->fd, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0
				       : error_set(err, errno, "cannot look at '%s/%s'",
						   directory->path, name);
	if (S_ISSOCK(status.st_mode))
		change.kind = CHANGE_SOCKET;
	else if (!whiteout_is(directory->fd, name, &status))
		return 0;
	change.path = arena_format(&changes->arena, "%s/%s", directory->path, name);
	hidden = lowers_type(changes->lowers, change.path, err);
	return hidden <= 0 ? hidden : tell(changes, &change, err);
}

static int on_directory(void *context, const struct walk_directory *directory,
			struct error *err)
{
	struct changes *changes = context;

	if (is_in_opaque(changes, directory->path))
		return 0;
	for (char *const *name = directory->names; *name != NULL; name++) {
		if (tell_gone(changes, directory, *name, err) < 0)
			return -1;
	}
	return 0;
}

/* Uppers that somebody else mounted may hold what minirun's overlays never make. */
static int refuse_foreign(const struct changes *changes, const struct walk_entry *entry,
			  struct error *err)
{
	static const char *const attributes[] = { "redirect", "metacopy" };
	char value[8];

	if (!file_xattrs_any(entry->parent, entry->name))
		return 0;
	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		ssize_t length = file_xattrs_overlay(entry->parent, entry->name,
						     attributes[i], value, sizeof(value));

		if (length < 0)
			return error_set(err, errno, "cannot read the attributes of '%s'",
					 entry->path);
		if (length == 0)
			continue;
		(void)error_set(err, 0,
				"'%s' has overlay.%s: the upper is no complete diff",
				entry->path, attributes[i]);
		return changes->reader->way_out == NULL
			       ? -1
			       : error_hint(err, "%s", changes->reader->way_out);
	}
	return 0;
}

static int find_hides(struct changes *changes, const struct walk_entry *entry,
		      enum change_hides *hides, struct error *err)
{
	int hidden;

	*hides = CHANGE_HIDES_NONE;
	if (is_in_opaque(changes, entry->path)) {
		*hides = CHANGE_HIDES_ABOVE;
		return 0;
	}
	if (!S_ISDIR(entry->status.st_mode) ||
	    !whiteout_is_opaque(entry->parent, entry->name))
		return 0;
	hidden = lowers_type(changes->lowers, entry->path, err);
	if (hidden < 0)
		return -1;
	*hides = hidden == S_IFDIR ? CHANGE_HIDES_LOWER : CHANGE_HIDES_ABOVE;
	changes->opaque = arena_text(&changes->arena, entry->path, strlen(entry->path));
	return 0;
}

static int on_entry(void *context, const struct walk_entry *entry, struct error *err)
{
	struct changes *changes = context;
	struct change change = { .kind = CHANGE_ENTRY,
				 .path = entry->path,
				 .entry = entry };

	if (whiteout_is(entry->parent, entry->name, &entry->status))
		return 0;
	if ((S_ISDIR(entry->status.st_mode) || S_ISREG(entry->status.st_mode)) &&
	    refuse_foreign(changes, entry, err) < 0)
		return -1;
	if (find_hides(changes, entry, &change.hides, err) < 0)
		return -1;
	return tell(changes, &change, err);
}

int changes_read(int upperfd, const struct lowers *lowers,
		 const struct changes_reader *reader, struct error *err)
{
	struct changes changes = { .lowers = lowers, .reader = reader };
	const struct walk walk = { .directory = on_directory,
				   .entry = on_entry,
				   .context = &changes };
	int result = walk_run(&walk, upperfd, err);

	arena_release(&changes.arena);
	return result;
}
