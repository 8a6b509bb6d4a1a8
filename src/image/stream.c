/* SPDX-License-Identifier: Apache-2.0 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "image/compression.h"
#include "image/stream.h"

enum { BLOCK_SIZE = 256 * 1024 };

static la_ssize_t write_compressed(struct archive *filter, void *data, const void *bytes,
				   size_t size)
{
	struct stream *stream = data;
	struct error ignored;

	if (digest_add(&stream->digest, bytes, size, &ignored) < 0 ||
	    file_write_full(stream->fd, bytes, size) < 0) {
		stream->code = errno;
		archive_set_error(filter, errno, "write error");
		return -1;
	}
	stream->bytes += size;
	return (la_ssize_t)size;
}

static int failed(const struct stream *stream, struct error *err)
{
	const char *text = archive_error_string(stream->filter);

	if (stream->code != 0)
		return error_set(err, stream->code, "cannot write the archive");
	return error_set(err, 0, "cannot compress the archive: %s",
			 text != NULL ? text : "unknown error");
}

/* All cores; with one, too, since zstd writes other bytes without threads, and the same
 * for any number of them. */
static int set_threads(struct archive *filter)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	char number[24];

	(void)snprintf(number, sizeof(number), "%ld", cores < 1 ? 1 : cores);
	return archive_write_set_filter_option(filter, "zstd", "threads", number);
}

static int set_filter(struct stream *stream, const struct compression *compression)
{
	const char *name = compression->kind == COMPRESSION_GZIP ? "gzip" : "zstd";
	struct archive *filter = stream->filter;
	char level[16];

	/* ARCHIVE_WARN: built without the library, it runs the program, with another
	 * stream as the outcome. */
	if ((compression->kind == COMPRESSION_GZIP
		     ? archive_write_add_filter_gzip(filter)
		     : archive_write_add_filter_zstd(filter)) != ARCHIVE_OK)
		return -1;
	(void)snprintf(level, sizeof(level), "%d", compression->level);
	if (compression->level != 0 &&
	    archive_write_set_filter_option(filter, name, "compression-level", level) !=
		    ARCHIVE_OK)
		return -1;
	return compression->kind == COMPRESSION_GZIP
		       ? archive_write_set_filter_option(filter, name, "timestamp", NULL)
		       : set_threads(filter);
}

static int open_filter(struct stream *stream, const struct compression *compression)
{
	struct archive *filter = stream->filter;
	struct archive_entry *only;
	int result;

	if (set_filter(stream, compression) != ARCHIVE_OK ||
	    archive_write_set_format_raw(filter) != ARCHIVE_OK ||
	    archive_write_set_bytes_per_block(filter, BLOCK_SIZE) != ARCHIVE_OK ||
	    archive_write_set_bytes_in_last_block(filter, 1) != ARCHIVE_OK ||
	    archive_write_open(filter, stream, NULL, write_compressed, NULL) !=
		    ARCHIVE_OK)
		return -1;
	only = archive_entry_new();
	archive_entry_set_filetype(only, AE_IFREG);
	result = archive_write_header(filter, only);
	archive_entry_free(only);
	return result == ARCHIVE_OK ? 0 : -1;
}

int stream_open(struct stream *stream, int fd, const struct compression *compression,
		struct error *err)
{
	stream->fd = fd;
	if (compression->kind == COMPRESSION_NONE)
		return 0;
	stream->filter = archive_write_new();
	if (stream->filter == NULL)
		return error_set(err, ENOMEM, "cannot compress the archive");
	if (digest_start(&stream->digest, err) < 0)
		return -1;
	return open_filter(stream, compression) < 0 ? failed(stream, err) : 0;
}

int stream_write(struct stream *stream, const void *bytes, size_t size, struct error *err)
{
	if (stream->filter != NULL)
		return archive_write_data(stream->filter, bytes, size) == (la_ssize_t)size
			       ? 0
			       : failed(stream, err);
	if (file_write_full(stream->fd, bytes, size) < 0)
		return error_set(err, errno, "cannot write the archive");
	stream->bytes += size;
	return 0;
}

int stream_finish(struct stream *stream, char hex[DIGEST_HEX_SIZE], struct error *err)
{
	if (stream->filter == NULL)
		return 0;
	if (archive_write_close(stream->filter) != ARCHIVE_OK)
		return failed(stream, err);
	return digest_finish(&stream->digest, hex, err);
}

void stream_release(struct stream *stream)
{
	(void)archive_write_free(stream->filter);
	digest_release(&stream->digest);
}
