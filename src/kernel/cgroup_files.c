/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "kernel/cgroup_files.h"

const char *cgroup_directory(char buffer[CGROUP_DIRECTORY_MAX], const char *mount_point,
			     const char *path)
{
	(void)snprintf(buffer, CGROUP_DIRECTORY_MAX, "%s%s", mount_point,
		       strcmp(path, "/") == 0 ? "" : path);
	return buffer;
}

size_t cgroup_components(const char *path)
{
	size_t count = 0;

	if (strcmp(path, "/") == 0)
		return 0;
	for (; *path != '\0'; path++)
		count += *path == '/';
	return count;
}

const char *cgroup_directory_part(char buffer[CGROUP_DIRECTORY_MAX],
				  const char *mount_point, const char *path,
				  size_t components)
{
	size_t length = 0;

	while (path[length] != '\0' && (path[length] != '/' || components-- > 0))
		length++;
	(void)snprintf(buffer, CGROUP_DIRECTORY_MAX, "%s%.*s", mount_point,
		       length > 1 ? (int)length : 0, path);
	return buffer;
}

/* From the deepest up: a container's parent is there nearly always. */
size_t cgroup_components_existing(const char *mount_point, const char *path)
{
	char directory[CGROUP_DIRECTORY_MAX];
	size_t components = cgroup_components(path);

	while (components > 0 &&
	       access(cgroup_directory_part(directory, mount_point, path, components),
		      F_OK) < 0)
		components--;
	return components;
}

static int open_file(const char *directory, const char *file, int flags)
{
	char path[CGROUP_DIRECTORY_MAX + 64];

	(void)snprintf(path, sizeof(path), "%s/%s", directory, file);
	return open(path, flags | O_CLOEXEC);
}

ssize_t cgroup_file_read(const char *directory, const char *file, char *buffer,
			 size_t size)
{
	auto_close int fd = open_file(directory, file, O_RDONLY);
	ssize_t length;

	if (fd < 0)
		return -1;
	/* One read(): what these files hold is shorter, and is made at once. */
	do
		length = read(fd, buffer, size - 1);
	while (length < 0 && errno == EINTR);
	if (length >= 0)
		buffer[length] = '\0';
	return length;
}

int cgroup_file_write(const char *directory, const char *file, const char *value)
{
	auto_close int fd = open_file(directory, file, O_WRONLY);
	ssize_t put;

	if (fd < 0)
		return -1;
	do
		put = write(fd, value, strlen(value));
	while (put < 0 && errno == EINTR);
	return put < 0 ? -1 : 0;
}

bool cgroup_file_exists(const char *directory, const char *file)
{
	auto_close int fd = open_file(directory, file, O_PATH);

	return fd >= 0;
}

static bool has(const char *text, const char *word, const char *separators)
{
	size_t length = strlen(word);

	while (*text != '\0') {
		size_t span = strcspn(text, separators);

		if (span == length && memcmp(text, word, length) == 0)
			return true;
		text += span;
		text += strspn(text, separators);
	}
	return false;
}

int cgroup_say_taken(const char *directory, struct error *err)
{
	return error_set(err, 0, "the cgroup '%s' was made by somebody else meanwhile",
			 directory);
}

bool cgroup_list_has(const char *list, const char *word)
{
	return has(list, word, " ,\n");
}

bool cgroup_lines_have(const char *lines, const char *line)
{
	return has(lines, line, "\n");
}

bool cgroup_is_gone(int code)
{
	return code == ENOENT || code == ENODEV;
}
