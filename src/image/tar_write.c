/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "image/stream.h"
#include "image/tar_header.h"
#include "image/tar_write.h"

enum {
	BUFFER_SIZE = 256 * 1024
}; /* read, digested and written while it is in the cache */

int tar_write_open(struct tar_write *tar, struct stream *stream, struct error *err)
{
	tar->stream = stream;
	tar->buffer = malloc(BUFFER_SIZE);
	if (tar->buffer == NULL)
		return error_set(err, ENOMEM, "cannot make an archive");
	return digest_start(&tar->digest, err);
}

static int flush(struct tar_write *tar, struct error *err)
{
	if (digest_add(&tar->digest, tar->buffer, tar->used, err) < 0)
		return -1;
	if (stream_write(tar->stream, tar->buffer, tar->used, err) < 0)
		return -1;
	tar->bytes += tar->used;
	tar->used = 0;
	return 0;
}

char *tar_write_room(struct tar_write *tar, size_t *room, struct error *err)
{
	if (tar->used == BUFFER_SIZE && flush(tar, err) < 0)
		return NULL;
	*room = BUFFER_SIZE - tar->used;
	return tar->buffer + tar->used;
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
	if (add_bytes(tar, NULL, 2 * TAR_BLOCK, err) < 0 || flush(tar, err) < 0)
		return -1;
	return digest_finish(&tar->digest, hex, err);
}

void tar_write_release(struct tar_write *tar)
{
	digest_release(&tar->digest);
	text_release(&tar->blocks);
	free(tar->buffer);
}
