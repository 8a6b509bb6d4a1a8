/* SPDX-License-Identifier: Apache-2.0 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <locale.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "image/file_xattrs.h"
#include "image/layer_write.h"
#include "image/walk.h"
#include "image/whiteout.h"

enum { BLOCK = 1024 * 1024 };

/* A file with more than one name, by what tells it from others. */
struct link {
	dev_t device;
	ino_t inode;
	const char *path; /* the first of its names */
};

static la_ssize_t write_block(struct archive *archive, void *data, const void *bytes,
			      size_t size)
{
	struct layer_write *writer = data;
	struct error ignored;

	if (writer->abandoned)
		return -1;
	if (digest_add(&writer->digest, bytes, size, &ignored) < 0 ||
	    file_write_full(writer->fd, bytes, size) < 0) {
		writer->code = errno;
		archive_set_error(archive, errno, "write error");
		return -1;
	}
	writer->bytes += size;
	return (la_ssize_t)size;
}

static int failed(const struct layer_write *writer, const char *path, struct error *err)
{
	const char *text = archive_error_string(writer->archive);

	if (writer->code != 0)
		return error_set(err, writer->code, "cannot write the archive");
	return error_set(err, 0, "cannot write '%s' to the archive: %s", path,
			 text != NULL ? text : "unknown error");
}

int layer_write_open(struct layer_write *writer, int fd, struct error *err)
{
	struct archive *archive = archive_write_new();

	/* So that libarchive takes names that are UTF-8 as they are. In another locale it
	 * marks each as bytes (hdrcharset=BINARY), which tar(1) complains of, once per
	 * name. Only a reader composes characters (tar_input.h). */
	(void)setlocale(LC_CTYPE, "C.UTF-8");
	writer->fd = fd;
	writer->archive = archive;
	writer->entry = archive_entry_new();
	if (archive == NULL || writer->entry == NULL)
		return error_set(err, ENOMEM, "cannot make an archive");
	if (digest_start(&writer->digest, err) < 0)
		return -1;
	if (archive_write_set_format_pax_restricted(archive) != ARCHIVE_OK ||
	    archive_write_set_format_option(archive, NULL, "xattrheader", "SCHILY") !=
		    ARCHIVE_OK ||
	    archive_write_set_bytes_per_block(archive, BLOCK) != ARCHIVE_OK ||
	    archive_write_set_bytes_in_last_block(archive, 1) != ARCHIVE_OK ||
	    archive_write_open(archive, writer, NULL, write_block, NULL) != ARCHIVE_OK)
		return failed(writer, ".", err);
	return 0;
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

/* A warning: a name is not UTF-8, so the entry gets a pax header that says its names are
 * bytes (hdrcharset=BINARY). */
static int write_header(struct layer_write *writer, const char *path, struct error *err)
{
	writer->entries++;
	if (archive_write_header(writer->archive, writer->entry) < ARCHIVE_WARN)
		return failed(writer, path, err);
	return 0;
}

static int write_bytes(struct layer_write *writer, const void *bytes, size_t size,
		       const char *path, struct error *err)
{
	if (archive_write_data(writer->archive, bytes, size) != (la_ssize_t)size)
		return failed(writer, path, err);
	return 0;
}

/* Holes cost no reading; to a tar they are zeros, since layers may not be sparse. */
static int write_hole(struct layer_write *writer, off_t size, const char *path,
		      struct error *err)
{
	static const char zeros[64 * 1024];

	while (size > 0) {
		size_t part = size < (off_t)sizeof(zeros) ? (size_t)size : sizeof(zeros);

		if (write_bytes(writer, zeros, part, path, err) < 0)
			return -1;
		size -= (off_t)part;
	}
	return 0;
}

static int write_data(struct layer_write *writer, int fd, off_t size, const char *path,
		      struct error *err)
{
	static char buffer[256 * 1024];

	while (size > 0) {
		size_t part =
			size < (off_t)sizeof(buffer) ? (size_t)size : sizeof(buffer);
		ssize_t got = file_read_full(fd, buffer, part);

		if (got < 0)
			return error_set(err, errno, "cannot read '%s'", path);
		if ((size_t)got < part)
			return error_set(err, 0, "'%s' became smaller while it was read",
					 path);
		if (write_bytes(writer, buffer, part, path, err) < 0)
			return -1;
		size -= (off_t)part;
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
	while (at < end) {
		off_t data = lseek(fd, at, SEEK_DATA);
		off_t hole;

		if (data < 0 && errno != ENXIO)
			return error_set(err, errno, "cannot read '%s'", entry->path);
		if (data < 0 || data > end)
			data = end;
		if (write_hole(writer, data - at, entry->path, err) < 0)
			return -1;
		if (data == end) /* as a file looks that has lost its end, too */
			return check_same(fd, entry, err);
		hole = lseek(fd, data, SEEK_HOLE);
		if (hole < 0 || hole > end)
			hole = end;
		if (lseek(fd, data, SEEK_SET) < 0)
			return error_set(err, errno, "cannot read '%s'", entry->path);
		if (write_data(writer, fd, hole - data, entry->path, err) < 0)
			return -1;
		at = hole;
	}
	return 0;
}

static int set_symlink(struct layer_write *writer, const struct walk_entry *entry,
		       struct error *err)
{
	char target[PATH_MAX];
	ssize_t length =
		readlinkat(entry->parent, entry->name, target, sizeof(target) - 1);

	if (length < 0)
		return error_set(err, errno, "cannot read the link '%s'", entry->path);
	target[length] = '\0';
	archive_entry_copy_symlink(writer->entry, target);
	return 0;
}

static void set_status(struct archive_entry *entry, const struct stat *status)
{
	archive_entry_set_filetype(entry, status->st_mode & S_IFMT);
	archive_entry_set_perm(entry, status->st_mode & 07777);
	archive_entry_set_uid(entry, status->st_uid);
	archive_entry_set_gid(entry, status->st_gid);
	archive_entry_set_mtime(entry, status->st_mtim.tv_sec, 0);
	archive_entry_set_size(entry, S_ISREG(status->st_mode) ? status->st_size : 0);
	if (S_ISCHR(status->st_mode) || S_ISBLK(status->st_mode))
		archive_entry_set_rdev(entry, status->st_rdev);
}

int layer_write_add(struct layer_write *writer, const struct walk_entry *entry,
		    struct error *err)
{
	const struct stat *status = &entry->status;
	auto_text struct text name = { 0 };
	const char *first;

	if (S_ISSOCK(status->st_mode)) {
		writer->sockets++;
		return 0;
	}
	if (whiteout_is_marker(entry->name))
		return whiteout_refuse_name(entry->path, err);
	archive_entry_clear(writer->entry);
	text_format(&name, S_ISDIR(status->st_mode) ? "%s/" : "%s", entry->path);
	archive_entry_copy_pathname(writer->entry, name.data);
	set_status(writer->entry, status);
	first = find_link(writer, entry);
	if (first != NULL) {
		archive_entry_copy_hardlink(writer->entry, first);
		archive_entry_set_size(writer->entry, 0);
		return write_header(writer, entry->path, err);
	}
	if (S_ISLNK(status->st_mode) && set_symlink(writer, entry, err) < 0)
		return -1;
	if (file_xattrs_copy(entry, writer->entry,
			     writer->flags & LAYER_WRITE_UPPER ? FILE_XATTRS_UPPER : 0,
			     err) < 0 ||
	    write_header(writer, entry->path, err) < 0)
		return -1;
	return S_ISREG(status->st_mode) ? write_file(writer, entry, err) : 0;
}

int layer_write_whiteout(struct layer_write *writer, const char *path, struct error *err)
{
	archive_entry_clear(writer->entry);
	archive_entry_copy_pathname(writer->entry, path);
	archive_entry_set_filetype(writer->entry, AE_IFREG);
	archive_entry_set_size(writer->entry, 0);
	archive_entry_set_mtime(writer->entry, 0, 0);
	return write_header(writer, path, err);
}

int layer_write_finish(struct layer_write *writer, char hex[DIGEST_HEX_SIZE],
		       struct error *err)
{
	if (archive_write_close(writer->archive) != ARCHIVE_OK)
		return failed(writer, ".", err);
	return digest_finish(&writer->digest, hex, err);
}

static void keep(void *link)
{
	(void)link; /* in the arena */
}

void layer_write_release(struct layer_write *writer)
{
	tdestroy(writer->links, keep);
	archive_entry_free(writer->entry);
	/* Half an archive is not to be ended as if it were whole; archive_write_fail()
	 * would forget its buffer. */
	writer->abandoned = true;
	(void)archive_write_free(writer->archive);
	digest_release(&writer->digest);
	arena_release(&writer->arena);
}
