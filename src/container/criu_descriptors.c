/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/protobuf.h"
#include "base/text.h"
#include "container/criu_descriptors.h"
#include "container/criu_options.h"
#include "oci/json.h"
#include "oci/json_write.h"

enum {
	INHERIT_FD_KEY = 1,
	INHERIT_FD_NUMBER = 2,
	FILE_MAX = 64 * 1024,
	MOUNTINFO_MAX = 16 << 20,
};

static const char *const file_name = "descriptors.json";

/* Whether a line of the process's mount table begins with that number. */
static bool has_mount(pid_t pid, uint64_t mount)
{
	auto_text struct text table = { 0 };
	char path[64], start[32];
	struct error ignored;

	(void)snprintf(path, sizeof(path), "/proc/%d/mountinfo", pid);
	(void)snprintf(start, sizeof(start), "\n%" PRIu64 " ", mount);
	text_put(&table, "\n");
	if (file_read(AT_FDCWD, path, MOUNTINFO_MAX, &table, &ignored) < 0)
		return true;
	return strstr(table.data, start) != NULL;
}

/* "file[1a:2b]" if it is a file that the container does not see: criu would have nothing
 * to open in its place. */
static bool name_file(pid_t pid, int fd, char *name, size_t size)
{
	struct statx status;
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, fd);
	if (statx(AT_FDCWD, path, 0, STATX_TYPE | STATX_INO | STATX_MNT_ID, &status) <
		    0 ||
	    !(status.stx_mask & STATX_MNT_ID) || !S_ISREG(status.stx_mode) ||
	    has_mount(pid, status.stx_mnt_id))
		return false;
	(void)snprintf(name, size, "file[%" PRIx64 ":%" PRIx64 "]",
		       (uint64_t)status.stx_mnt_id, (uint64_t)status.stx_ino);
	return true;
}

int criu_descriptors_dump(pid_t pid, int images, struct text *options, struct error *err)
{
	struct json_writer *json = json_writer_new(NULL);
	auto_text struct text document = { 0 };

	json_open_array(json, NULL);
	for (int fd = 0; fd <= STDERR_FILENO; fd++) {
		char path[64], name[PATH_MAX];
		ssize_t length;

		(void)snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, fd);
		length = readlink(path, name, sizeof(name) - 1);
		name[length < 0 ? 0 : length] = '\0';
		if (name_file(pid, fd, name, sizeof(name)))
			protobuf_put_text(options, CRIU_OPT_EXTERNAL, name);
		json_put_text(json, NULL, name);
	}
	json_close_array(json);
	json_writer_finish(json, &document);
	return file_replace(images, file_name, &document, err);
}

void criu_descriptors_put(const char *name, int fd, struct text *options)
{
	auto_text struct text inherited = { 0 };

	protobuf_put_text(&inherited, INHERIT_FD_KEY, name);
	protobuf_put_uint(&inherited, INHERIT_FD_NUMBER, (uint64_t)fd);
	protobuf_put_message(options, CRIU_OPT_INHERIT_FD, &inherited);
}

/* criu sets the position of a file, which a pipe does not have. */
static int inherit_stream(const char *name, int fd, struct text *options,
			  struct error *err)
{
	struct stat status;

	if (strncmp(name, "file[", 5) == 0 &&
	    (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode)))
		return error_set(err, 0,
				 "descriptor %d was a file of the host's, and has to be "
				 "one again",
				 fd);
	criu_descriptors_put(name, fd, options);
	return 0;
}

int criu_descriptors_restore(int images, struct text *options, struct error *err)
{
	auto_arena struct arena arena = { 0 };
	auto_text struct text document = { 0 };
	const struct json *json;
	int fd = 0;

	if (file_read(images, file_name, FILE_MAX, &document, err) < 0)
		return -1;
	json = json_parse(&arena, document.data, document.length, err);
	if (json == NULL)
		return error_prefix(err, "%s", file_name);
	if (json->type != JSON_ARRAY)
		return error_set(err, 0, "%s: not an array", file_name);
	json_foreach (item, json) {
		const char *name = json_string(item);

		if (fd <= STDERR_FILENO && name != NULL &&
		    (strncmp(name, "pipe:", 5) == 0 || strncmp(name, "file[", 5) == 0) &&
		    inherit_stream(name, fd, options, err) < 0)
			return -1;
		fd++;
	}
	return 0;
}
