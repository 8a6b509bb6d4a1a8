/* SPDX-License-Identifier: Apache-2.0 */
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "image/archive_files.h"
#include "image/tar_input.h"

struct archive_file {
	struct archive_file *next;
	const char *name;
	int fd;
};

static const struct archive_file *find(const struct archive_files *files,
				       const char *name)
{
	const struct archive_file *file = files->first;

	while (file != NULL && strcmp(file->name, name) != 0)
		file = file->next;
	return file;
}

/* Some write "./oci-layout". */
static const char *plain_name(struct archive_entry *entry)
{
	const char *name = archive_entry_pathname(entry);

	if (name == NULL)
		return "";
	return strncmp(name, "./", 2) == 0 ? name + 2 : name;
}

static bool is_wanted(const char *name)
{
	static const char blobs[] = "blobs/sha256/";
	const size_t prefix = strlen(blobs);

	if (strcmp(name, "oci-layout") == 0 || strcmp(name, "index.json") == 0)
		return true;
	return strncmp(name, blobs, prefix) == 0 &&
	       strlen(name) == prefix + DIGEST_HEX_SIZE - 1 &&
	       strspn(name + prefix, "0123456789abcdef") == DIGEST_HEX_SIZE - 1;
}

/* By another way where the file system knows no O_TMPFILE. */
static int open_nameless(int directory, struct error *err)
{
	int fd = openat(directory, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) {
		char name[64];

		(void)snprintf(name, sizeof(name), ".minirun-%d", getpid());
		fd = openat(directory, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd >= 0)
			(void)unlinkat(directory, name, 0);
	}
	return fd < 0 ? error_set(err, errno, "cannot make a file for the archive") : fd;
}

static int add_file(struct archive_files *files, const char *name, int fd)
{
	struct archive_file *file = arena_alloc(&files->arena, 1, sizeof(*file));

	file->name = arena_text(&files->arena, name, strlen(name));
	file->fd = fd;
	file->next = files->first;
	files->first = file;
	files->count++;
	return fd;
}

/* A hole costs nothing to tell of, and time to read. */
static int check_entry(const struct archive_files *files, struct archive_entry *entry,
		       const char *name, struct error *err)
{
	if (find(files, name) != NULL)
		return error_set(err, 0, "'%s' is twice in it", name);
	if (archive_entry_filetype(entry) != AE_IFREG ||
	    archive_entry_hardlink(entry) != NULL ||
	    archive_entry_sparse_count(entry) > 0)
		return error_set(err, 0, "'%s' in it is not a plain file", name);
	if (files->count == ARCHIVE_FILES_MAX)
		return error_set(err, 0, "it has more than %d blobs", ARCHIVE_FILES_MAX);
	return 0;
}

static int read_entry(struct archive_files *files, struct tar_input *input,
		      struct archive_entry *entry, int directory, struct error *err)
{
	const char *name = plain_name(entry);
	int fd;

	if (strcmp(name, "manifest.json") == 0)
		files->has_manifest = true;
	if (!is_wanted(name))
		return 0;
	if (check_entry(files, entry, name, err) < 0)
		return -1;
	fd = open_nameless(directory, err);
	if (fd < 0)
		return -1;
	return tar_input_copy(input, add_file(files, name, fd), err);
}

int archive_files_read(struct archive_files *files, const char *path, int directory,
		       struct error *err)
{
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	auto_tar_input struct tar_input input = { 0 };
	struct archive_entry *entry;
	char hex[DIGEST_HEX_SIZE];
	struct stat status;
	int more;

	if (fd < 0 || fstat(fd, &status) < 0)
		return error_set(err, errno, "cannot open '%s'", path);
	if (!S_ISREG(status.st_mode))
		return error_set(err, 0, "'%s' is not a regular file", path);
	if (tar_input_open(&input, fd, path, err) < 0)
		return -1;
	while ((more = tar_input_next(&input, &entry, err)) > 0) {
		if (read_entry(files, &input, entry, directory, err) < 0)
			return error_prefix(err, "'%s'", path);
	}
	return more < 0 ? -1 : tar_input_finish(&input, hex, err);
}

int archive_files_open(const struct archive_files *files, const char *name)
{
	const struct archive_file *file = find(files, name);
	char path[64];

	if (file == NULL)
		return errno = ENOENT, -1;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", file->fd);
	return open(path, O_RDONLY | O_CLOEXEC);
}

void archive_files_release(struct archive_files *files)
{
	for (const struct archive_file *file = files->first; file != NULL;
	     file = file->next)
		(void)close(file->fd);
	arena_release(&files->arena);
}
