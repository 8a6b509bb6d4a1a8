/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "container/record.h"
#include "image/file_xattrs.h"
#include "image/lowers.h"
#include "image/merged.h"
#include "image/whiteout.h"

enum { HIDDEN = -2, BELOW = 0 }; /* no lower layer is to be asked; the next one is */

int lowers_open(struct lowers *lowers, const struct record *record, struct error *err)
{
	lowers->fds = calloc(record->lowers_count + 1, sizeof(int));
	if (lowers->fds == NULL)
		return error_set(err, ENOMEM, "cannot open the lower layers");
	for (size_t i = 0; i < record->lowers_count; i++) {
		/* As overlayfs takes them: without what the host has mounted below. */
		int fd = merged_open_plain(record->lowers[i].path, err);

		if (fd < 0)
			return -1;
		lowers->fds[lowers->count++] = fd;
	}
	return 0;
}

/* The length of the next component, and *path past it. */
static size_t next_component(const char **path, char *name)
{
	size_t span;

	*path += strspn(*path, "/");
	span = strcspn(*path, "/");
	memcpy(name, *path, span);
	name[span] = '\0';
	*path += span;
	return span;
}

static int look(int parent, const char *name, struct stat *status)
{
	if (fstatat(parent, name, status, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT || errno == ENOTDIR ? BELOW : -1;
	return whiteout_is(parent, name, status) ? HIDDEN
						 : (int)(status->st_mode & S_IFMT);
}

/* One layer: a type, BELOW, HIDDEN, or -1 and errno. */
static int type_in(int layer, const char *path)
{
	auto_close int at = fcntl(layer, F_DUPFD_CLOEXEC, 3);
	bool opaque = false;
	char name[NAME_MAX + 1];

	while (at >= 0 && next_component(&path, name) > 0) {
		struct stat status;
		int type, next;

		if (strcmp(name, ".") == 0)
			continue;
		type = look(at, name, &status);
		if (type == BELOW)
			return opaque ? HIDDEN : BELOW;
		if (type < 0 || *path == '\0')
			return type;
		if (type != S_IFDIR)
			return HIDDEN; /* a file where a directory would have to be */
		opaque = opaque || whiteout_is_opaque(at, name);
		next = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		(void)close(at);
		at = next;
	}
	return at < 0 ? -1 : S_IFDIR;
}

int lowers_type(const struct lowers *lowers, const char *path, struct error *err)
{
	for (size_t i = 0; i < lowers->count; i++) {
		int type = type_in(lowers->fds[i], path);

		if (type == -1)
			return error_set(err, errno,
					 "cannot look for '%s' in a lower layer", path);
		if (type == HIDDEN)
			return 0;
		if (type != BELOW)
			return type;
	}
	return 0;
}

void lowers_release(struct lowers *lowers)
{
	for (size_t i = 0; i < lowers->count; i++)
		(void)close(lowers->fds[i]);
	free(lowers->fds);
}
