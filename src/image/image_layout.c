/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "base/tree.h"
#include "image/digest.h"
#include "image/image_layout.h"
#include "image/target.h"
#include "oci/json.h"

static int open_directory(struct image_layout *layout, const char *path,
			  struct error *err)
{
	layout->directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (layout->directory < 0)
		return error_set(err, errno, "cannot open '%s'", path);
	layout->blobs = openat(layout->directory, "blobs/sha256",
			       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (layout->blobs < 0)
		return error_set(err, errno,
				 "'%s' is not an image layout: cannot open "
				 "'blobs/sha256'",
				 path);
	return 0;
}

static int open_archive(struct image_layout *layout, const char *path,
			const char *scratch, struct error *err)
{
	auto_close int directory = tree_make(AT_FDCWD, scratch, err);
	auto_close int index = -1;

	if (directory < 0 || archive_files_read(&layout->files, path, directory, err) < 0)
		return -1;
	index = archive_files_open(&layout->files, "index.json");
	if (index >= 0)
		return 0;
	(void)error_set(err, 0, "'%s' is not an image layout: it has no 'index.json'",
			path);
	return layout->files.has_manifest
		       ? error_hint(err, "it is an archive of docker's; 'skopeo copy "
					 "docker-archive:… oci:…' makes it one")
		       : -1;
}

int image_layout_open(struct image_layout *layout, const struct target *target,
		      const char *scratch, struct error *err)
{
	return target->kind == TARGET_ARCHIVE
		       ? open_archive(layout, target->path, scratch, err)
		       : open_directory(layout, target->path, err);
}

static int open_file(const struct image_layout *layout, const char *name)
{
	return layout->directory < 0
		       ? archive_files_open(&layout->files, name)
		       : openat(layout->directory, name,
				O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
}

static int open_blob(const struct image_layout *layout, const char *hex)
{
	auto_text struct text name = { 0 };

	if (layout->blobs >= 0)
		return openat(layout->blobs, hex,
			      O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	text_format(&name, "blobs/sha256/%s", hex);
	return archive_files_open(&layout->files, name.data);
}

static struct json *parse(const struct text *text, const char *name, struct arena *arena,
			  struct error *err)
{
	struct json *json = json_parse(arena, text->data == NULL ? "" : text->data,
				       text->length, err);

	if (json != NULL && json->type == JSON_OBJECT)
		return json;
	if (json == NULL)
		(void)error_prefix(err, "%s", name);
	else
		(void)error_set(err, 0, "%s: not a JSON object", name);
	return NULL;
}

/* At most so many bytes of an open file, which may be none of ours. */
static int read_open(int fd, const char *name, struct text *text, struct error *err)
{
	struct stat status;
	ssize_t got;

	if (fstat(fd, &status) < 0)
		return error_set(err, errno, "cannot look at '%s'", name);
	if (!S_ISREG(status.st_mode))
		return error_set(err, 0, "'%s' is not a regular file", name);
	if (status.st_size > IMAGE_DOCUMENT_MAX)
		return error_set(err, EFBIG, "cannot read '%s'", name);
	got = file_read_full(fd, text_reserve(text, (size_t)status.st_size + 1),
			     (size_t)status.st_size);
	if (got < 0)
		return error_set(err, errno, "cannot read '%s'", name);
	text->length = (size_t)got;
	text->data[got] = '\0';
	return 0;
}

struct json *image_layout_read_file(int dirfd, const char *name, struct arena *arena,
				    struct error *err)
{
	auto_close int fd =
		openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	auto_text struct text text = { 0 };

	if (fd < 0) {
		(void)error_set(err, errno, "cannot open '%s'", name);
		return NULL;
	}
	return read_open(fd, name, &text, err) < 0 ? NULL
						   : parse(&text, name, arena, err);
}

const struct json *image_layout_read(const struct image_layout *layout, const char *name,
				     struct arena *arena, struct error *err)
{
	auto_close int fd = open_file(layout, name);
	auto_text struct text text = { 0 };

	if (fd < 0) {
		(void)error_set(err, errno, "cannot open its '%s'", name);
		return NULL;
	}
	return read_open(fd, name, &text, err) < 0 ? NULL
						   : parse(&text, name, arena, err);
}

static int check_digest(const struct text *text, const char *hex, struct error *err)
{
	auto_digest struct digest digest = { 0 };
	char found[DIGEST_HEX_SIZE];

	if (digest_start(&digest, err) < 0 ||
	    digest_add(&digest, text->data, text->length, err) < 0 ||
	    digest_finish(&digest, found, err) < 0)
		return -1;
	return strcmp(found, hex) == 0
		       ? 0
		       : error_set(err, 0, "the content of sha256:%s is another one",
				   hex);
}

const struct json *image_layout_read_blob(const struct image_layout *layout,
					  const struct image_descriptor *blob,
					  struct arena *arena, struct error *err)
{
	auto_close int fd = open_blob(layout, blob->hex);
	auto_text struct text text = { 0 };

	if (fd < 0) {
		(void)error_set(err, errno, "cannot open its sha256:%s", blob->hex);
		return NULL;
	}
	if (read_open(fd, blob->hex, &text, err) < 0 ||
	    check_digest(&text, blob->hex, err) < 0)
		return NULL;
	if (text.length != blob->size) {
		(void)error_set(err, 0, "sha256:%s has another size", blob->hex);
		return NULL;
	}
	return parse(&text, blob->hex, arena, err);
}

int image_layout_open_blob(const struct image_layout *layout,
			   const struct image_descriptor *blob, struct error *err)
{
	auto_close int fd = open_blob(layout, blob->hex);
	struct stat status;

	if (fd < 0 || fstat(fd, &status) < 0)
		return error_set(err, errno, "cannot open its layer sha256:%s",
				 blob->hex);
	if (!S_ISREG(status.st_mode) || (uint64_t)status.st_size != blob->size)
		return error_set(err, 0, "its layer sha256:%s has another size",
				 blob->hex);
	return take_fd(&fd);
}

void image_layout_release(struct image_layout *layout)
{
	if (layout->blobs >= 0)
		(void)close(layout->blobs);
	if (layout->directory >= 0)
		(void)close(layout->directory);
	archive_files_release(&layout->files);
}
