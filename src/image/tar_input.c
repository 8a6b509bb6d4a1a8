/* SPDX-License-Identifier: Apache-2.0 */
#include <archive.h>
#include <archive_entry.h>
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "image/tar_input.h"

enum {
	BUFFER_SIZE = 256 * 1024,
	FORMAT_ERROR = EILSEQ, /* what libarchive says of a file that is no archive */
};

static la_ssize_t read_file(struct archive *archive, void *data, const void **bytes)
{
	struct tar_input *input = data;
	ssize_t got = file_read_full(input->fd, input->buffer, BUFFER_SIZE);
	struct error ignored;

	if (got < 0)
		input->code = errno;
	if (got < 0 ||
	    digest_add(&input->digest, input->buffer, (size_t)got, &ignored) < 0) {
		archive_set_error(archive, errno, "read error");
		return ARCHIVE_FATAL;
	}
	*bytes = input->buffer;
	return got;
}

/* A piece of the tar without its compression: ARCHIVE_OK, ARCHIVE_EOF, or what went
 * wrong. */
static int read_plain(struct tar_input *input, const void **bytes, size_t *size)
{
	la_int64_t offset;
	struct error ignored;
	int result = archive_read_data_block(input->stream, bytes, size, &offset);

	if (result == ARCHIVE_EOF || result < ARCHIVE_WARN)
		return result;
	input->bytes += *size;
	if (input->plain.context != NULL &&
	    digest_add(&input->plain, *bytes, *size, &ignored) < 0) {
		archive_set_error(input->stream, EIO, "digest error");
		return ARCHIVE_FATAL;
	}
	return ARCHIVE_OK;
}

/* What the first reader gives is what the second takes. */
static la_ssize_t read_stream(struct archive *archive, void *data, const void **bytes)
{
	struct tar_input *input = data;
	size_t size;
	int result = read_plain(input, bytes, &size);

	if (result == ARCHIVE_EOF)
		return 0;
	if (result < ARCHIVE_OK) {
		const char *text = archive_error_string(input->stream);

		archive_set_error(archive, archive_errno(input->stream), "%s",
				  text != NULL ? text : "damaged");
		return ARCHIVE_FATAL;
	}
	return (la_ssize_t)size;
}

static int no_tar(const struct tar_input *input, struct error *err)
{
	return error_set(err, 0,
			 "'%s' is not a tar file, plain or compressed with gzip, bzip2, "
			 "xz or zstd",
			 input->name);
}

static int unreadable(const struct tar_input *input, struct archive *archive,
		      struct error *err)
{
	const char *text = archive_error_string(archive);

	if (input->code != 0)
		return error_set(err, input->code, "cannot read '%s'", input->name);
	if (archive_errno(archive) == FORMAT_ERROR && input->entries == 0)
		return no_tar(input, err);
	if (text == NULL || text[0] == '\0')
		text = "damaged archive";
	return error_set(err, 0, "cannot read '%s': %c%s", input->name,
			 tolower((unsigned char)text[0]), text + 1);
}

static int open_stream(struct tar_input *input, struct error *err)
{
	struct archive_entry *only;

	(void)archive_read_support_filter_gzip(input->stream);
	(void)archive_read_support_filter_bzip2(input->stream);
	(void)archive_read_support_filter_xz(input->stream);
	(void)archive_read_support_filter_zstd(input->stream);
	(void)archive_read_support_format_raw(input->stream);
	if (archive_read_open(input->stream, input, NULL, read_file, NULL) < ARCHIVE_WARN)
		return unreadable(input, input->stream, err);
	if (archive_read_next_header(input->stream, &only) != ARCHIVE_OK)
		return input->code != 0 ? unreadable(input, input->stream, err)
					: no_tar(input, err);
	return 0;
}

static bool is_compressed(const struct tar_input *input)
{
	return archive_filter_code(input->stream, 0) != ARCHIVE_FILTER_NONE;
}

int tar_input_open(struct tar_input *input, int fd, const char *name, struct error *err)
{
	input->fd = fd;
	input->name = name;
	input->buffer = malloc(BUFFER_SIZE);
	input->stream = archive_read_new();
	input->tar = archive_read_new();
	if (input->buffer == NULL || input->stream == NULL || input->tar == NULL)
		return error_set(err, ENOMEM, "cannot read '%s'", name);
	if (digest_start(&input->digest, err) < 0 || open_stream(input, err) < 0)
		return -1;
	if (input->has_plain && is_compressed(input) &&
	    digest_start(&input->plain, err) < 0)
		return -1;
	(void)archive_read_support_format_tar(input->tar);
	if (archive_read_open(input->tar, input, NULL, read_stream, NULL) < ARCHIVE_WARN)
		return unreadable(input, input->tar, err);
	return 0;
}

/* A plain tar that ends without a block of zeros was cut off between two entries. A
 * compressed one tells by its own end. */
static bool has_end(const struct tar_input *input)
{
	return is_compressed(input) || archive_filter_bytes(input->tar, 0) >
					       archive_read_header_position(input->tar);
}

int tar_input_next(struct tar_input *input, struct archive_entry **entry,
		   struct error *err)
{
	/* A warning is about names that are not ASCII: they are there byte for byte. */
	int result = archive_read_next_header(input->tar, entry);

	if (result == ARCHIVE_EOF && !has_end(input))
		return error_set(err, 0, "cannot read '%s': truncated tar archive",
				 input->name);
	if (result == ARCHIVE_EOF)
		return 0;
	if (result != ARCHIVE_OK && result != ARCHIVE_WARN)
		return unreadable(input, input->tar, err);
	input->entries++;
	return 1;
}

static int write_at(int fd, const char *bytes, size_t size, off_t offset)
{
	while (size > 0) {
		ssize_t written = pwrite(fd, bytes, size, offset);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -1;
		bytes += written;
		size -= (size_t)written;
		offset += written;
	}
	return 0;
}

int tar_input_copy(struct tar_input *input, int fd, struct error *err)
{
	la_int64_t offset = 0;
	const void *bytes;
	size_t size = 0;
	int result;

	/* At the end the offset is that of the end, behind a hole too. */
	while ((result = archive_read_data_block(input->tar, &bytes, &size, &offset)) ==
		       ARCHIVE_OK ||
	       result == ARCHIVE_WARN) {
		if (write_at(fd, bytes, size, offset) < 0)
			return error_set(err, errno, "cannot write");
	}
	if (result != ARCHIVE_EOF)
		return unreadable(input, input->tar, err);
	if (ftruncate(fd, offset + (off_t)size) < 0)
		return error_set(err, errno, "cannot write");
	return 0;
}

int tar_input_finish(struct tar_input *input, char hex[DIGEST_HEX_SIZE],
		     struct error *err)
{
	const void *bytes;
	size_t size;
	int result;
	la_ssize_t got;

	do
		result = read_plain(input, &bytes, &size);
	while (result == ARCHIVE_OK);
	if (result != ARCHIVE_EOF)
		return unreadable(input, input->stream, err);
	/* What stands behind a compressed stream is part of the file's digest. */
	do
		got = read_file(input->stream, input, &bytes);
	while (got > 0);
	if (got < 0)
		return unreadable(input, input->stream, err);
	if (digest_finish(&input->digest, hex, err) < 0)
		return -1;
	memcpy(input->hex, hex, sizeof(input->hex));
	return 0;
}

int tar_input_plain_digest(struct tar_input *input, char hex[DIGEST_HEX_SIZE],
			   struct error *err)
{
	if (input->plain.context != NULL)
		return digest_finish(&input->plain, hex, err);
	memcpy(hex, input->hex, sizeof(input->hex));
	return 0;
}

void tar_input_release(struct tar_input *input)
{
	(void)archive_read_free(input->tar);
	(void)archive_read_free(input->stream);
	digest_release(&input->digest);
	digest_release(&input->plain);
	free(input->buffer);
	*input = (struct tar_input){ .fd = -1 };
}
