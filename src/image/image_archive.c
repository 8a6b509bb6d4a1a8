/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "image/compression.h"
#include "image/image_archive.h"
#include "image/image_blobs.h"
#include "image/stream.h"
#include "image/tar_header.h"
#include "image/tar_write.h"

#define auto_tar_write __attribute__((cleanup(tar_write_release)))

static int add_directory(struct tar_write *tar, const char *path, struct error *err)
{
	const struct tar_entry entry = { .type = TAR_DIRECTORY,
					 .path = path,
					 .mode = 0755 };

	return tar_write_header(tar, &entry, err);
}

static int begin_file(struct tar_write *tar, const char *path, uint64_t size,
		      struct error *err)
{
	const struct tar_entry entry = {
		.type = TAR_FILE, .path = path, .mode = 0644, .size = size
	};

	return tar_write_header(tar, &entry, err);
}

static int add_text(struct tar_write *tar, const char *path, const struct text *text,
		    struct error *err)
{
	size_t done = 0;

	if (begin_file(tar, path, text->length, err) < 0)
		return -1;
	while (done < text->length) {
		size_t room;
		char *place = tar_write_room(tar, &room, err);

		if (place == NULL)
			return -1;
		if (room > text->length - done)
			room = text->length - done;
		memcpy(place, text->data + done, room);
		tar_write_put(tar, room);
		done += room;
	}
	return tar_write_pad(tar, err);
}

static int add_blob(struct tar_write *tar, const struct image_blob *blob,
		    struct error *err)
{
	const char *hex = blob->descriptor.hex;
	const uint64_t size = blob->descriptor.size;
	auto_text struct text path = { 0 };
	uint64_t done = 0;

	text_format(&path, "blobs/sha256/%s", hex);
	if (begin_file(tar, path.data, size, err) < 0)
		return -1;
	while (done < size) {
		size_t room;
		char *place = tar_write_room(tar, &room, err);
		ssize_t got;

		if (place == NULL)
			return -1;
		if (room > size - done)
			room = (size_t)(size - done);
		got = pread(blob->fd, place, room, (off_t)done);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set(err, errno, "cannot read sha256:%s", hex);
		if (got == 0)
			return error_set(err, 0, "sha256:%s became smaller", hex);
		tar_write_put(tar, (size_t)got);
		done += (uint64_t)got;
	}
	return tar_write_pad(tar, err);
}

int image_archive_write(int fd, const struct text *layout, const struct text *index,
			const struct image_blobs *blobs, struct image_descriptor *whole,
			struct error *err)
{
	const struct compression none = { .kind = COMPRESSION_NONE };
	auto_stream struct stream stream = { 0 };
	auto_tar_write struct tar_write tar = { 0 };

	if (stream_open(&stream, fd, &none, err) < 0 ||
	    tar_write_open(&tar, &stream, err) < 0 ||
	    add_text(&tar, "oci-layout", layout, err) < 0 ||
	    add_text(&tar, "index.json", index, err) < 0 ||
	    add_directory(&tar, "blobs/", err) < 0 ||
	    add_directory(&tar, "blobs/sha256/", err) < 0)
		return -1;
	for (const struct image_blob *blob = blobs->first; blob != NULL;
	     blob = blob->next) {
		if (add_blob(&tar, blob, err) < 0)
			return -1;
	}
	if (tar_write_finish(&tar, whole->hex, err) < 0)
		return -1;
	whole->size = stream.bytes;
	return 0;
}
