/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "image/digest.h"
#include "image/image_blobs.h"
#include "image/read_back.h"

void image_blobs_open(struct image_blobs *blobs, int directory)
{
	blobs->directory = directory;
	blobs->last = &blobs->first;
}

static struct image_blob *append(struct image_blobs *blobs)
{
	struct image_blob *blob = arena_alloc(&blobs->arena, 1, sizeof(*blob));

	blob->fd = -1;
	*blobs->last = blob;
	blobs->last = &blob->next;
	blobs->count++;
	return blob;
}

static int open_temporary(struct image_blobs *blobs, struct image_blob *blob,
			  struct error *err)
{
	blob->fd = openat(blobs->directory, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
	if (blob->fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) {
		(void)snprintf(blob->temporary, sizeof(blob->temporary), ".minirun-%d-%u",
			       getpid(), blobs->count);
		blob->fd = openat(blobs->directory, blob->temporary,
				  O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (blob->fd < 0)
			blob->temporary[0] = '\0';
	}
	return blob->fd < 0 ? error_set(err, errno, "cannot create a part of the image")
			    : 0;
}

struct image_blob *image_blobs_add(struct image_blobs *blobs, struct error *err)
{
	struct image_blob *blob = append(blobs);

	return open_temporary(blobs, blob, err) < 0 ? NULL : blob;
}

struct image_blob *image_blobs_add_text(struct image_blobs *blobs,
					const struct text *text, struct error *err)
{
	struct image_blob *blob = image_blobs_add(blobs, err);
	auto_digest struct digest digest = { 0 };

	if (blob == NULL)
		return NULL;
	if (file_write_full(blob->fd, text->data, text->length) < 0) {
		(void)error_set(err, errno, "cannot write a part of the image");
		return NULL;
	}
	blob->descriptor.size = text->length;
	if (digest_start(&digest, err) < 0 ||
	    digest_add(&digest, text->data, text->length, err) < 0 ||
	    digest_finish(&digest, blob->descriptor.hex, err) < 0)
		return NULL;
	return blob;
}

void image_blobs_add_foreign(struct image_blobs *blobs, int fd,
			     const struct image_descriptor *descriptor)
{
	struct image_blob *blob = append(blobs);

	blob->fd = fd;
	blob->descriptor = *descriptor;
	blob->is_foreign = true;
}

static int link_open(int fd, int directory, const char *name)
{
	char file[64];

	(void)snprintf(file, sizeof(file), "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, file, directory, name, AT_SYMLINK_FOLLOW);
}

/* The name is its digest, so what is there is the same; if it is whole. */
static int check_present(int directory, const struct image_blob *blob, struct error *err)
{
	const char *name = blob->descriptor.hex;
	struct stat status;

	if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return error_set(err, errno, "cannot look at 'blobs/sha256/%s'", name);
	if (S_ISREG(status.st_mode) && (uint64_t)status.st_size == blob->descriptor.size)
		return 0;
	return error_set(err, 0, "'blobs/sha256/%s' is there and damaged; remove it",
			 name);
}

static int publish_own(const struct image_blobs *blobs, struct image_blob *blob,
		       int directory, struct error *err)
{
	const char *name = blob->descriptor.hex;
	int result;

	if (fsync(blob->fd) < 0)
		return error_set(err, errno, "cannot write 'blobs/sha256/%s' to disk",
				 name);
	result = blob->temporary[0] != '\0'
			 ? linkat(blobs->directory, blob->temporary, directory, name, 0)
			 : link_open(blob->fd, directory, name);
	if (result == 0)
		return 0;
	return errno == EEXIST
		       ? check_present(directory, blob, err)
		       : error_set(err, errno, "cannot create 'blobs/sha256/%s'", name);
}

static int copy_bytes(int from, int to, uint64_t size, const char *name,
		      struct error *err)
{
	off_t at = 0;

	while ((uint64_t)at < size) {
		ssize_t copied = sendfile(to, from, &at, (size_t)(size - (uint64_t)at));

		if (copied < 0 && errno == EINTR)
			continue;
		if (copied < 0)
			return error_set(err, errno, "cannot copy the layer sha256:%s",
					 name);
		if (copied == 0)
			return error_set(err, 0, "the layer sha256:%s became smaller",
					 name);
	}
	return 0;
}

/* A file of somebody else could be changed by him after it was linked. */
static bool is_own_file(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && status.st_uid == geteuid();
}

static int publish_foreign(struct image_blobs *blobs, struct image_blob *blob,
			   int directory, struct error *err)
{
	const char *name = blob->descriptor.hex;
	struct image_blob *made;

	if (faccessat(directory, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return check_present(directory, blob, err);
	if (is_own_file(blob->fd) && link_open(blob->fd, directory, name) == 0)
		return 0;
	made = image_blobs_add(blobs, err);
	if (made == NULL ||
	    copy_bytes(blob->fd, made->fd, blob->descriptor.size, name, err) < 0)
		return -1;
	made->descriptor = blob->descriptor; /* its turn comes, as the last */
	return 0;
}

int image_blobs_publish(struct image_blobs *blobs, int directory, struct error *err)
{
	for (struct image_blob *blob = blobs->first; blob != NULL; blob = blob->next) {
		int result = blob->is_foreign
				     ? publish_foreign(blobs, blob, directory, err)
				     : publish_own(blobs, blob, directory, err);

		if (result < 0)
			return -1;
	}
	return fsync(directory) < 0
		       ? error_set(err, errno, "cannot write 'blobs/sha256' to disk")
		       : 0;
}

int image_blobs_verify(const struct image_blobs *blobs, struct error *err)
{
	for (const struct image_blob *blob = blobs->first; blob != NULL;
	     blob = blob->next) {
		const struct image_descriptor *descriptor = &blob->descriptor;
		const struct read_back expected = { .hex = descriptor->hex,
						    .size = descriptor->size,
						    .name = "a part of the image" };

		if (read_back(blob->fd, &expected, NULL, err) < 0)
			return -1;
	}
	return 0;
}

void image_blobs_release(struct image_blobs *blobs)
{
	for (struct image_blob *blob = blobs->first; blob != NULL; blob = blob->next) {
		if (blob->temporary[0] != '\0')
			(void)unlinkat(blobs->directory, blob->temporary, 0);
		if (blob->fd >= 0)
			(void)close(blob->fd);
	}
	arena_release(&blobs->arena);
}
