/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/error.h"
#include "image/pipeline.h"
#include "image/stream.h"
#include "image/tar_header.h"
#include "image/tar_write.h"

static int add_to_digest(void *digest, const char *bytes, size_t size, struct error *err)
{
	return digest_add(digest, bytes, size, err);
}

static int add_to_stream(void *stream, const char *bytes, size_t size, struct error *err)
{
	return stream_write(stream, bytes, size, err);
}

int tar_write_open(struct tar_write *tar, struct stream *stream, struct error *err)
{
	const struct pipeline_stage stages[PIPELINE_STAGES] = {
		{ add_to_digest, &tar->digest },
		{ add_to_stream, stream },
	};

	if (digest_start(&tar->digest, err) < 0)
		return -1;
	tar->pipeline = pipeline_open(stages, err);
	return tar->pipeline == NULL ? -1 : 0;
}

static void flush(struct tar_write *tar)
{
	pipeline_give(tar->pipeline, tar->used);
	tar->bytes += tar->used;
	tar->used = 0;
	tar->buffer = NULL;
}

char *tar_write_room(struct tar_write *tar, size_t *room, struct error *err)
{
	if (tar->used == PIPELINE_BLOCK)
		flush(tar);
	if (tar->buffer == NULL)
		tar->buffer = pipeline_take(tar->pipeline, err);
	*room = PIPELINE_BLOCK - tar->used;
	return tar->buffer == NULL ? NULL : tar->buffer + tar->used;
}

void tar_write_put(struct tar_write *tar, size_t size)
{
	tar->used += size;
}

/* NULL: zeros. */
static int add_bytes(struct tar_write *tar, const char *bytes, uint64_t size,
		     struct error *err)
{
	while (size > 0) {
		size_t room;
		char *place = tar_write_room(tar, &room, err);

		if (place == NULL)
			return -1;
		if (room > size)
			room = (size_t)size;
		if (bytes == NULL)
			memset(place, 0, room);
		else
			memcpy(place, bytes, room);
		bytes = bytes == NULL ? NULL : bytes + room;
		tar->used += room;
		size -= room;
	}
	return 0;
}

int tar_write_header(struct tar_write *tar, const struct tar_entry *entry,
		     struct error *err)
{
	tar->blocks.length = 0;
	tar_header_format(entry, &tar->blocks);
	return add_bytes(tar, tar->blocks.data, tar->blocks.length, err);
}

int tar_write_zeros(struct tar_write *tar, uint64_t size, struct error *err)
{
	return add_bytes(tar, NULL, size, err);
}

int tar_write_pad(struct tar_write *tar, struct error *err)
{
	return add_bytes(tar, NULL, -(tar->bytes + tar->used) % TAR_BLOCK, err);
}

int tar_write_finish(struct tar_write *tar, char hex[DIGEST_HEX_SIZE], struct error *err)
{
	if (add_bytes(tar, NULL, 2 * TAR_BLOCK, err) < 0)
		return -1;
	flush(tar);
	if (pipeline_finish(tar->pipeline, err) < 0)
		return -1;
	return digest_finish(&tar->digest, hex, err);
}

void tar_write_release(struct tar_write *tar)
{
	pipeline_release(&tar->pipeline);
	digest_release(&tar->digest);
	text_release(&tar->blocks);
}
