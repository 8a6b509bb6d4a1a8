/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <search.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/text.h"
#include "image/file_xattrs.h"
#include "image/inside_ids.h"
#include "image/layer_write.h"
#include "image/progress.h"
#include "image/tar_header.h"
#include "image/walk.h"
#include "image/whiteout.h"

enum { BLOCK = 512 }; /* bytes of one of st_blocks, inode(7) */

/* A file with more than one name, by what tells it from others. */
struct link {
	dev_t device;
	ino_t inode;
	const char *path; /* the first of its names */
};

int layer_write_open(struct layer_write *writer, struct stream *stream, struct error *err)
{
	return tar_write_open(&writer->tar, stream, err);
}

static int compare_links(const void *left, const void *right)
{
	const struct link *a = left, *b = right;

	if (a->device != b->device)
		return a->device < b->device ? -1 : 1;
	return a->inode == b->inode ? 0 : a->inode < b->inode ? -1 : 1;
}

/* The first name of the file if this is another one, else NULL. */
static const char *find_link(struct layer_write *writer, const struct walk_entry *entry)
{
	struct link *link, **found;

	if (S_ISDIR(entry->status.st_mode) || entry->status.st_nlink < 2)
		return NULL;
	link = arena_alloc(&writer->arena, 1, sizeof(*link));
	link->device = entry->status.st_dev;
	link->inode = entry->status.st_ino;
	found = tsearch(link, &writer->links, compare_links);
	if (found == NULL)
		return NULL; /* out of memory: the file is stored twice */
	if (*found != link)
		return (*found)->path;
	link->path = arena_text(&writer->arena, entry->path, strlen(entry->path));
	return NULL;
}

static int write_data(struct layer_write *writer, int fd, off_t from, off_t to,
		      const char *path, struct error *err)
{
	while (from < to) {
		size_t room;
		char *place = tar_write_room(&writer->tar, &room, err);
		ssize_t got;

		if (place == NULL)
			return -1;
		if (to - from < (off_t)room)
			room = (size_t)(to - from);
		got = pread(fd, place, room, from);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set(err, errno, "cannot read '%s'", path);
		if (got == 0)
			return error_set(err, 0, "'%s' became smaller while it was read",
					 path);
		tar_write_put(&writer->tar, (size_t)got);
		progress_add(writer->progress, 0, (uint64_t)got);
		from += got;
	}
	return 0;
}

/* A file that is not held still may be another one by now, even a device, which has no
 * end, or have less than the header says. */
static int check_same(int fd, const struct walk_entry *entry, struct error *err)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return error_set(err, errno, "cannot look at '%s'", entry->path);
	if (!S_ISREG(status.st_mode) || status.st_dev != entry->status.st_dev ||
	    status.st_ino != entry->status.st_ino)
		return error_set(err, 0, "'%s' was replaced while it was read",
				 entry->path);
	if (status.st_size < entry->status.st_size)
		return error_set(err, 0, "'%s' became smaller while it was read",
				 entry->path);
	return 0;
}

static int write_file(struct layer_write *writer, const struct walk_entry *entry,
		      struct error *err)
{
	auto_close int fd = openat(entry->parent, entry->name,
				   O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	off_t end = entry->status.st_size, at = 0;

	if (fd < 0)
		return error_set(err, errno, "cannot open '%s'", entry->path);
	if (check_same(fd, entry, err) < 0)
		return -1;
	if (entry->status.st_blocks * BLOCK >= end) {
		if (write_data(writer, fd, 0, end, entry->path, err) < 0)
			return -1;
		at = end;
	}
	/* Holes cost no reading; to a tar they are zeros, since layers may not be sparse.
	 */
	while (at < end) {
		off_t data = lseek(fd, at, SEEK_DATA);
		off_t hole;

		if (data < 0 && errno != ENXIO)
			return error_set(err, errno, "cannot read '%s'", entry->path);
		if (data < 0 || data > end)
			data = end;
		if (tar_write_zeros(&writer->tar, (uint64_t)(data - at), err) < 0)
			return -1;
		if (data == end) { /* as a file looks that has lost its end, too */
			if (check_same(fd, entry, err) < 0)
				return -1;
			break;
		}
		hole = lseek(fd, data, SEEK_HOLE);
		if (hole < 0 || hole > end)
			hole = end;
		if (write_data(writer, fd, data, hole, entry->path, err) < 0)
			return -1;
		at = hole;
	}
	return tar_write_pad(&writer->tar, err);
}

static int read_target(const struct walk_entry *entry, char target[PATH_MAX],
		       struct error *err)
{
	ssize_t length = readlinkat(entry->parent, entry->name, target, PATH_MAX - 1);

	if (length < 0)
		return error_set(err, errno, "cannot read the link '%s'", entry->path);
	target[length] = '\0';
	return 0;
}

static enum tar_type type_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return TAR_DIRECTORY;
	case S_IFLNK:
		return TAR_SYMLINK;
	case S_IFCHR:
		return TAR_CHARACTER;
	case S_IFBLK:
		return TAR_BLOCK_DEVICE;
	case S_IFIFO:
		return TAR_FIFO;
	default:
		return TAR_FILE;
	}
}

static struct tar_entry describe(const struct stat *status)
{
	const bool is_device = S_ISCHR(status->st_mode) || S_ISBLK(status->st_mode);

	return (struct tar_entry){
		.type = type_of(status->st_mode),
		.mode = status->st_mode & 07777,
		.uid = status->st_uid,
		.gid = status->st_gid,
		.mtime = status->st_mtim.tv_sec,
		.size = S_ISREG(status->st_mode) ? (uint64_t)status->st_size : 0,
		.device = is_device ? status->st_rdev : 0,
	};
}

static int write_header(struct layer_write *writer, const struct tar_entry *entry,
			struct error *err)
{
	writer->entries++;
	progress_add(writer->progress, 1, 0);
	return tar_write_header(&writer->tar, entry, err);
}

int layer_write_add(struct layer_write *writer, const struct walk_entry *entry,
		    struct error *err)
{
	struct stat status = entry->status;
	struct tar_entry header;
	auto_text struct text path = { 0 }, xattrs = { 0 };
	char target[PATH_MAX];

	if (S_ISSOCK(entry->status.st_mode)) {
		writer->sockets++;
		return 0;
	}
	if (whiteout_is_marker(entry->name))
		return whiteout_refuse_name(entry->path, err);
	if (writer->xattrs.ids != NULL &&
	    inside_ids_owner(writer->xattrs.ids, &status, entry->path, err) < 0)
		return -1;
	header = describe(&status);
	if (writer->latest != NULL && header.mtime > *writer->latest)
		header.mtime = *writer->latest;
	text_format(&path, header.type == TAR_DIRECTORY ? "%s/" : "%s", entry->path);
	header.path = path.data;
	header.target = find_link(writer, entry);
	if (header.target != NULL) {
		header.type = TAR_HARD_LINK;
		header.size = 0;
		return write_header(writer, &header, err);
	}
	if (header.type == TAR_SYMLINK) {
		if (read_target(entry, target, err) < 0)
			return -1;
		header.target = target;
	}
	if (file_xattrs_read(entry, &writer->xattrs, &xattrs, err) < 0)
		return -1;
	header.xattrs = &xattrs;
	if (write_header(writer, &header, err) < 0)
		return -1;
	return header.type == TAR_FILE ? write_file(writer, entry, err) : 0;
}

int layer_write_whiteout(struct layer_write *writer, const char *path, struct error *err)
{
	const struct tar_entry header = { .type = TAR_FILE, .path = path };

	writer->whiteouts++;
	return write_header(writer, &header, err);
}

int layer_write_finish(struct layer_write *writer, char hex[DIGEST_HEX_SIZE],
		       struct error *err)
{
	return tar_write_finish(&writer->tar, hex, err);
}

static void keep(void *link)
{
	(void)link; /* in the arena */
}

void layer_write_release(struct layer_write *writer)
{
	tdestroy(writer->links, keep);
	tar_write_release(&writer->tar);
	arena_release(&writer->arena);
}
