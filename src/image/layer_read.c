/* SPDX-License-Identifier: Apache-2.0 */
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/tree.h"
#include "image/acl.h"
#include "image/entry_attributes.h"
#include "image/layer_directories.h"
#include "image/layer_read.h"
#include "image/tar_input.h"
#include "image/walk.h"
#include "image/whiteout.h"
#include "kernel/inside.h"

static const char *const opaque_marker = ".wh..wh..opq";
static const char *const whiteout_prefix = ".wh.";

/* A whiteout hides what is below the layer and nothing in it, wherever in the tar it
 * stands; so it is made when it is known what is in the layer. */
struct whiteout {
	struct whiteout *next;
	const char *path;
};

struct reader {
	struct tar_input *input;
	int rootfd;
	struct arena arena;
	struct layer_directories directories;
	struct whiteout *whiteouts;
	struct losses losses;
};

/* Where an entry goes: a name in a directory that was resolved inside the root. */
struct place {
	int parent; /* O_PATH, owned */
	const char *name;
	const char *path; /* as the tar says it, for messages */
};

static void place_release(struct place *place)
{
	if (place->parent >= 0)
		(void)close(place->parent);
}

#define auto_place __attribute__((cleanup(place_release)))

/* Without leading "/" and "./", and without the slash that ends a directory; "" is the
 * root. NULL: it climbs. */
static char *clean_path(struct arena *arena, const char *path)
{
	char *clean = arena_alloc(arena, strlen(path) + 1, 1), *end = clean;

	while (*path != '\0') {
		size_t span = strcspn(path, "/");

		if (span == 2 && path[0] == '.' && path[1] == '.')
			return NULL;
		if (span > 0 && !(span == 1 && path[0] == '.')) {
			if (end != clean)
				*end++ = '/';
			memcpy(end, path, span);
			end += span;
		}
		path += span + (path[span] == '/');
	}
	return clean;
}

/* Parents that the tar does not name are made as tar(1) makes them. */
static int open_parent(struct reader *reader, const char *path, struct error *err)
{
	const char *rest = NULL;
	auto_close int fd = inside_open_deepest(reader->rootfd, path, &rest, err);

	if (fd < 0)
		return -1;
	if (rest[0] == '\0')
		return take_fd(&fd);
	while (rest[0] != '\0') {
		rest += strspn(rest, "/");
		rest += strcspn(rest, "/");
		layer_directories_add(&reader->directories, path, (size_t)(rest - path),
				      NULL);
	}
	return inside_make_directory(reader->rootfd, path, 0755, err);
}

static int find_place(struct reader *reader, const char *path, struct place *place,
		      struct error *err)
{
	char *clean = path == NULL ? NULL : clean_path(&reader->arena, path);
	char *slash;

	if (clean == NULL)
		return error_set(err, 0, "the tar has a path that leads out of it: '%s'",
				 path == NULL ? "" : path);
	slash = strrchr(clean, '/');
	place->path = path;
	place->name = slash == NULL ? clean : slash + 1;
	if (slash != NULL)
		*slash = '\0';
	place->parent = open_parent(reader, slash == NULL ? "" : clean, err);
	if (place->parent < 0)
		return error_prefix(err, "'%s' in the tar", path);
	return 0;
}

static int failed(const struct place *place, const char *what, struct error *err)
{
	return error_set(err, errno, "cannot %s '%s' of the tar", what, place->path);
}

static struct timespec modified(struct archive_entry *entry)
{
	return (struct timespec){ .tv_sec = archive_entry_mtime(entry),
				  .tv_nsec = archive_entry_mtime_nsec(entry) };
}

static int set_attributes(struct reader *reader, const struct place *place,
			  struct archive_entry *entry, struct error *err)
{
	const struct timespec times[] = { modified(entry), modified(entry) };
	mode_t type = archive_entry_filetype(entry);

	if (entry_attributes_apply(entry, place->parent, place->name, &reader->losses,
				   err) < 0)
		return -1;
	if (type == AE_IFDIR) {
		const char *path = clean_path(&reader->arena, place->path);

		layer_directories_add(&reader->directories, path, strlen(path), times);
		return 0;
	}
	if (utimensat(place->parent, place->name, times, AT_SYMLINK_NOFOLLOW) < 0)
		return failed(place, "set the time of", err);
	return 0;
}

static int make_file(struct reader *reader, const struct place *place, struct error *err)
{
	auto_close int fd =
		openat(place->parent, place->name,
		       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return failed(place, "create", err);
	return tar_input_copy(reader->input, fd, err);
}

static int make_hard_link(struct reader *reader, const struct place *place,
			  const char *target, struct error *err)
{
	auto_place struct place from = { .parent = -1 };

	if (find_place(reader, target, &from, err) < 0)
		return error_prefix(err, "hard link '%s'", place->path);
	if (linkat(from.parent, from.name, place->parent, place->name, 0) < 0)
		return error_set(err, errno, "cannot link '%s' to '%s' of the tar",
				 place->path, target);
	return 0;
}

static int make_node(const struct place *place, struct archive_entry *entry,
		     struct error *err)
{
	mode_t type = archive_entry_filetype(entry);
	dev_t device = makedev((unsigned)archive_entry_rdevmajor(entry),
			       (unsigned)archive_entry_rdevminor(entry));

	if (mknodat(place->parent, place->name, type | 0600, device) < 0)
		return failed(place, "create", err);
	return 0;
}

static int make_entry(struct reader *reader, const struct place *place,
		      struct archive_entry *entry, struct error *err)
{
	switch (archive_entry_filetype(entry)) {
	case AE_IFREG:
		return make_file(reader, place, err);
	case AE_IFDIR:
		if (mkdirat(place->parent, place->name, 0700) < 0 && errno != EEXIST)
			return failed(place, "create", err);
		return 0;
	case AE_IFLNK:
		if (symlinkat(archive_entry_symlink(entry), place->parent, place->name) <
		    0)
			return failed(place, "create", err);
		return 0;
	case AE_IFCHR:
	case AE_IFBLK:
	case AE_IFIFO:
		return make_node(place, entry, err);
	default:
		return error_set(err, 0, "'%s' of the tar is of no known type",
				 place->path);
	}
}

/* Makes room: only a directory for a directory may stay. */
static int clear_place(const struct place *place, mode_t next, struct error *err)
{
	struct stat status;

	if (fstatat(place->parent, place->name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : failed(place, "look at", err);
	if (next == S_IFDIR && S_ISDIR(status.st_mode))
		return 0;
	return tree_remove(place->parent, place->name, err);
}

static int make_opaque(const struct place *place, const char *name, struct error *err)
{
	char path[PATH_MAX];

	walk_proc_path(place->parent, name, path, sizeof(path));
	if (lsetxattr(path, whiteout_opaque_name(), "y", 1, 0) < 0)
		return failed(place, "apply", err);
	return 0;
}

static int make_whiteout(const struct place *place, struct error *err)
{
	const char *hidden = place->name + strlen(whiteout_prefix);
	struct stat status;

	if (strcmp(place->name, opaque_marker) == 0)
		return make_opaque(place, ".", err);
	if (hidden[0] == '\0' || strcmp(hidden, ".") == 0 || strcmp(hidden, "..") == 0)
		return error_set(err, 0, "'%s' of the tar is a whiteout of nothing",
				 place->path);
	if (mknodat(place->parent, hidden, S_IFCHR, makedev(0, 0)) == 0)
		return 0;
	if (errno != EEXIST ||
	    fstatat(place->parent, hidden, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return failed(place, "apply", err);
	return S_ISDIR(status.st_mode) ? make_opaque(place, hidden, err) : 0;
}

static int make_whiteouts(struct reader *reader, struct error *err)
{
	for (const struct whiteout *at = reader->whiteouts; at != NULL; at = at->next) {
		auto_place struct place place = { .parent = -1 };

		if (find_place(reader, at->path, &place, err) < 0 ||
		    make_whiteout(&place, err) < 0)
			return -1;
	}
	return 0;
}

static void remember_whiteout(struct reader *reader, const char *path)
{
	struct whiteout *whiteout = arena_alloc(&reader->arena, 1, sizeof(*whiteout));

	whiteout->path = arena_text(&reader->arena, path, strlen(path));
	whiteout->next = reader->whiteouts;
	reader->whiteouts = whiteout;
}

/* The entry of the root itself. */
static int read_root(struct reader *reader, struct archive_entry *entry,
		     struct error *err)
{
	const struct place root = { .parent = reader->rootfd,
				    .name = ".",
				    .path = archive_entry_pathname(entry) };

	if (archive_entry_filetype(entry) != AE_IFDIR)
		return error_set(err, 0, "the root of the tar is no directory");
	return set_attributes(reader, &root, entry, err);
}

static bool is_itself(struct reader *reader, const struct place *place,
		      const char *target)
{
	const char *path = clean_path(&reader->arena, place->path);
	const char *other = clean_path(&reader->arena, target);

	return other != NULL && strcmp(path, other) == 0 &&
	       faccessat(place->parent, place->name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* A device that an ordinary user cannot make. */
static bool is_lost(struct reader *reader, struct archive_entry *entry)
{
	const mode_t type = archive_entry_filetype(entry);

	if (!reader->losses.are_allowed || (type != AE_IFCHR && type != AE_IFBLK))
		return false;
	reader->losses.devices++;
	return true;
}

static int read_entry(struct reader *reader, struct archive_entry *entry,
		      struct error *err)
{
	const char *path = archive_entry_pathname(entry);
	const char *target = archive_entry_hardlink(entry);
	auto_place struct place place = { .parent = -1 };

	if (find_place(reader, path, &place, err) < 0)
		return -1;
	if (place.name[0] == '\0')
		return read_root(reader, entry, err);
	if (whiteout_is_marker(place.name)) {
		remember_whiteout(reader, path);
		return 0;
	}
	/* tar(1) writes that when it is told a name twice. */
	if (target != NULL && is_itself(reader, &place, target))
		return 0;
	if (clear_place(&place, target == NULL ? archive_entry_filetype(entry) : 0, err) <
	    0)
		return -1;
	if (target != NULL)
		return make_hard_link(reader, &place, target, err);
	if (is_lost(reader, entry))
		return 0;
	if (make_entry(reader, &place, entry, err) < 0)
		return -1;
	return set_attributes(reader, &place, entry, err);
}

/* As it is until its own entry says something else. */
static int prepare_root(struct reader *reader, struct error *err)
{
	char path[64];

	walk_proc_path(reader->rootfd, ".", path, sizeof(path));
	if (acl_clear(path, err) < 0)
		return -1;
	if (fchmod(reader->rootfd, 0755) < 0)
		return error_set(err, errno, "cannot set the mode of the layer");
	layer_directories_add(&reader->directories, "", 0, NULL);
	return 0;
}

int layer_read(struct tar_input *input, int rootfd, struct layer_report *report,
	       struct error *err)
{
	struct reader reader = { .input = input, .rootfd = rootfd };
	struct archive_entry *entry;
	int more;

	reader.losses.are_allowed = geteuid() != 0;
	layer_directories_open(&reader.directories, &reader.arena);
	if (prepare_root(&reader, err) < 0)
		return -1;
	while ((more = tar_input_next(input, &entry, err)) > 0) {
		if (read_entry(&reader, entry, err) < 0) {
			more = -1;
			break;
		}
	}
	if (more == 0)
		more = make_whiteouts(&reader, err) < 0
			       ? -1
			       : layer_directories_set_times(&reader.directories, rootfd,
							     err);
	report->losses = reader.losses;
	report->implied = layer_directories_implied(&reader.directories, &report->arena);
	arena_release(&reader.arena);
	return more;
}

void layer_report_release(struct layer_report *report)
{
	arena_release(&report->arena);
}
