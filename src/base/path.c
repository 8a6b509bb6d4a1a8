/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/arena.h"
#include "base/path.h"

/* Drops the last component of the first `length` bytes. */
static size_t parent_length(const char *path, size_t length)
{
	while (length > 0 && path[length - 1] != '/')
		length--;
	return length > 0 ? length - 1 : 0;
}

char *path_clean(struct arena *arena, const char *path)
{
	char *clean = arena_alloc(arena, strlen(path) + 2, 1);
	size_t length = 0;

	while (*path != '\0') {
		size_t span = strcspn(path, "/");

		if (span == 2 && path[0] == '.' && path[1] == '.') {
			length = parent_length(clean, length);
		} else if (span > 0 && !(span == 1 && path[0] == '.')) {
			clean[length] = '/';
			memcpy(clean + length + 1, path, span);
			length += span + 1;
		}
		path += span;
		path += strspn(path, "/");
	}
	if (length == 0)
		clean[length++] = '/';
	clean[length] = '\0';
	return clean;
}

char *path_join(struct arena *arena, const char *directory, const char *path)
{
	if (path[0] == '/')
		return arena_text(arena, path, strlen(path));
	return arena_format(arena, "%s/%s", directory, path);
}

bool path_is_under(const char *path, const char *top)
{
	size_t length = strlen(top);

	if (strcmp(top, "/") == 0)
		return true;
	return strncmp(path, top, length) == 0 &&
	       (path[length] == '\0' || path[length] == '/');
}
