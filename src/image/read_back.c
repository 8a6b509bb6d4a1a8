/* SPDX-License-Identifier: Apache-2.0 */
#include "image/read_back.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "image/digest.h"
#include "image/progress.h"

enum { BUFFER_SIZE = 256 * 1024 };

#define auto_reader __attribute__((cleanup(reader_release)))

static void reader_release(struct archive **reader)
{
	(void)archive_read_free(*reader);
}

static int differs(const struct read_back *expected, const char *found, const char *meant,
		   struct error *err)
{
	return error_set(err, 0,
			 "%s: what is read is not what was written: sha256:%s, and not "
			 "sha256:%s",
			 expected->name, found, meant);
}

static int check_bytes(int fd, const struct read_back *expected,
		       struct progress *progress, struct error *err)
{
	auto_free char *buffer = malloc(BUFFER_SIZE);
	auto_digest struct digest digest = { 0 };
	char found[DIGEST_HEX_SIZE];
	uint64_t at = 0;
	ssize_t got;

	if (buffer == NULL)
		return error_set(err, ENOMEM, "%s: cannot read it back", expected->name);
	if (digest_start(&digest, err) < 0)
		return -1;
	while ((got = pread(fd, buffer, BUFFER_SIZE, (off_t)at)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set(err, errno, "%s: cannot read it back",
					 expected->name);
		if (digest_add(&digest, buffer, (size_t)got, err) < 0)
			return -1;
		at += (uint64_t)got;
		progress_add(progress, 0, (uint64_t)got);
	}
	if (digest_finish(&digest, found, err) < 0)
		return -1;
	return strcmp(found, expected->hex) == 0 && at == expected->size
		       ? 0
		       : differs(expected, found, expected->hex, err);
}

static int unreadable(const struct read_back *expected, struct archive *reader,
		      struct error *err)
{
	const char *text = archive_error_string(reader);

	return error_set(err, 0, "%s: cannot uncompress it: %s", expected->name,
			 text != NULL ? text : "unknown error");
}

/* By another reader than the writer: that the compressor has lost nothing. */
static int check_tar(int fd, const struct read_back *expected, struct error *err)
{
	auto_reader struct archive *reader = archive_read_new();
	auto_free char *buffer = malloc(BUFFER_SIZE);
	auto_digest struct digest digest = { 0 };
	struct archive_entry *only;
	char found[DIGEST_HEX_SIZE];
	la_ssize_t got;

	if (reader == NULL || buffer == NULL || lseek(fd, 0, SEEK_SET) < 0)
		return error_set(err, errno, "%s: cannot read it back", expected->name);
	(void)archive_read_support_filter_gzip(reader);
	(void)archive_read_support_filter_zstd(reader);
	(void)archive_read_support_format_raw(reader);
	if (digest_start(&digest, err) < 0)
		return -1;
	if (archive_read_open_fd(reader, fd, BUFFER_SIZE) != ARCHIVE_OK ||
	    archive_read_next_header(reader, &only) != ARCHIVE_OK)
		return unreadable(expected, reader, err);
	while ((got = archive_read_data(reader, buffer, BUFFER_SIZE)) > 0) {
		if (digest_add(&digest, buffer, (size_t)got, err) < 0)
			return -1;
	}
	if (got < 0)
		return unreadable(expected, reader, err);
	if (digest_finish(&digest, found, err) < 0)
		return -1;
	return strcmp(found, expected->tar) == 0
		       ? 0
		       : differs(expected, found, expected->tar, err);
}

int read_back(int fd, const struct read_back *expected, struct progress *progress,
	      struct error *err)
{
	/* Only what is on the disk leaves the cache. */
	if (fsync(fd) < 0)
		return error_set(err, errno, "%s: cannot write it to disk",
				 expected->name);
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	if (check_bytes(fd, expected, progress, err) < 0)
		return -1;
	return expected->tar != NULL ? check_tar(fd, expected, err) : 0;
}
