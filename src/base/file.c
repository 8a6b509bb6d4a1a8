/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

ssize_t file_read_full(int fd, void *buffer, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t got = read(fd, (char *)buffer + done, size - done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		done += (size_t)got;
	}
	return (ssize_t)done;
}

int file_write_full(int fd, const void *bytes, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t put = write(fd, (const char *)bytes + done, size - done);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -1;
		done += (size_t)put;
	}
	return 0;
}

/* Files of procfs have size 0, so the end is only known by reading. */
static int read_open(int fd, size_t most, struct text *text)
{
	struct stat status;
	size_t step;

	if (fstat(fd, &status) < 0)
		return -1;
	if (S_ISDIR(status.st_mode))
		return errno = EISDIR, -1;
	if (!S_ISREG(status.st_mode))
		return errno = EINVAL, -1;
	if (status.st_size > 0 && (size_t)status.st_size > most)
		return errno = EFBIG, -1;
	step = status.st_size > 0 ? (size_t)status.st_size + 1 : 8192;
	for (;;) {
		ssize_t got = read(fd, text_reserve(text, step), step);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		text->length += (size_t)got;
		text->data[text->length] = '\0';
		if (got == 0)
			return 0;
		if (text->length > most)
			return errno = EFBIG, -1;
	}
}

int file_read(int dirfd, const char *path, size_t most, struct text *text,
	      struct error *err)
{
	/* O_NONBLOCK: a FIFO in the place of the file must not hold us. */
	auto_close int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return error_set(err, errno, "cannot open '%s'", path);
	if (read_open(fd, most, text) == 0)
		return 0;
	if (errno == EFBIG)
		return error_set(err, 0, "'%s' is larger than %zu bytes", path, most);
	if (errno == EINVAL)
		return error_set(err, 0, "'%s' is not a regular file", path);
	return error_set(err, errno, "cannot read '%s'", path);
}

int file_read_open(int fd, const char *name, size_t most, struct text *text,
		   struct error *err)
{
	enum { STEP = 64 * 1024 };
	ssize_t size;

	do {
		size = file_read_full(fd, text_reserve(text, STEP), STEP);
		if (size < 0)
			return error_set(err, errno, "cannot read %s", name);
		text->length += (size_t)size;
		if (text->length > most)
			return error_set(err, 0, "%s: more than %zu bytes", name, most);
	} while (size == STEP);
	return 0;
}

int file_write(int dirfd, const char *path, const char *value, struct error *err)
{
	auto_close int fd = openat(dirfd, path, O_WRONLY | O_CLOEXEC);
	ssize_t put;

	if (fd < 0)
		return error_set(err, errno, "cannot open '%s'", path);
	do
		put = write(fd, value, strlen(value));
	while (put < 0 && errno == EINTR);
	if (put < 0)
		return error_set(err, errno, "cannot write '%s' to '%s'", value, path);
	return 0;
}

bool file_is_same(const char *path, const char *other)
{
	struct stat one, two;

	return stat(path, &one) == 0 && stat(other, &two) == 0 &&
	       one.st_dev == two.st_dev && one.st_ino == two.st_ino;
}

int file_replace(int dirfd, const char *name, const struct text *text, struct error *err)
{
	auto_close int fd = -1;
	auto_free char *temporary = NULL;

	if (asprintf(&temporary, "%s.new", name) < 0) {
		temporary = NULL;
		return error_set(err, ENOMEM, "cannot write '%s'", name);
	}
	fd = openat(dirfd, temporary,
		    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || file_write_full(fd, text->data, text->length) < 0 ||
	    renameat(dirfd, temporary, dirfd, name) < 0)
		return error_set(err, errno, "cannot write '%s'", name);
	return 0;
}
