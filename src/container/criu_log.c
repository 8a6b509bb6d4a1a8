/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "container/criu_log.h"

enum {
	ERRORS_MAX = 3, /* the first is the cause, what follows mostly its consequence */
	ERROR_BYTES_MAX = 130, /* of each: all of them fit into a struct error */
	LOG_BYTES_MAX = 256 << 20,
};

/* What criu calls an error and is none, or says nothing: it asks the kernel what it can
 * do by trying, and programs end. */
static const char *const noise[] = {
	"(criu/kerndat.c:", "(criu/tun.c:",       "): exited, status=",
	"Dumping FAILED",   "Pre-dumping FAILED", "Restoring FAILED",
};

static bool is_noise(const char *line, size_t length)
{
	for (size_t i = 0; i < sizeof(noise) / sizeof(noise[0]); i++) {
		if (memmem(line, length, noise[i], strlen(noise[i])) != NULL)
			return true;
	}
	return false;
}

/* "(00.010) 7: Error (criu/mount.c:71): mnt: no mapping": what comes after the bracket.
 */
static const char *find_message(const char *line, size_t length, size_t *message_length)
{
	static const char mark[] = "Error (";
	const char *found = memmem(line, length, mark, sizeof(mark) - 1);
	const char *end = line + length;
	const char *message;

	if (found == NULL || is_noise(found, (size_t)(end - found)))
		return NULL;
	message = memmem(found, (size_t)(end - found), "): ", 3);
	if (message == NULL)
		return NULL;
	message += 3;
	*message_length = (size_t)(end - message);
	return message;
}

static bool has(const struct text *errors, const char *message, size_t length)
{
	return errors->length > 0 &&
	       memmem(errors->data, errors->length, message, length) != NULL;
}

void criu_log_errors(const struct text *log, struct text *errors)
{
	const char *line = log->data;
	size_t left = log->length, count = 0;

	while (left > 0 && count < ERRORS_MAX) {
		const char *end = memchr(line, '\n', left);
		size_t length = end == NULL ? left : (size_t)(end - line), size = 0;
		const char *message = find_message(line, length, &size);

		if (size > ERROR_BYTES_MAX)
			size = ERROR_BYTES_MAX;
		if (message != NULL && size > 0 && !has(errors, message, size)) {
			text_put(errors, count++ > 0 ? "; " : "");
			text_add(errors, message, size);
		}
		line += length;
		left -= length;
		if (left > 0) {
			line++;
			left--;
		}
	}
}

/* Where the log is for the user, who may have said it by a relative path. */
static void put_place(struct text *place, int dirfd, const char *name)
{
	char link[64], path[PATH_MAX];
	ssize_t length;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", dirfd);
	length = readlink(link, path, sizeof(path) - 1);
	if (length > 0)
		text_add(place, path, (size_t)length);
	text_format(place, "/%s", name);
}

int criu_log_explain(int dirfd, const char *name, const char *action,
		     const char *otherwise, struct error *err)
{
	auto_text struct text log = { 0 }, errors = { 0 }, printable = { 0 };
	auto_text struct text place = { 0 };
	struct error ignored;

	put_place(&place, dirfd, name);
	if (file_read(dirfd, name, LOG_BYTES_MAX, &log, &ignored) == 0)
		criu_log_errors(&log, &errors);
	if (errors.length > 0)
		text_put_printable(&printable, errors.data);
	(void)error_set(err, 0, "criu cannot %s: %s", action,
			printable.length > 0 ? printable.data : otherwise);
	return log.length > 0 ? error_hint(err, "its log is '%s'", place.data) : -1;
}
