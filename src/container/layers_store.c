/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/process.h"
#include "base/text.h"
#include "base/tree.h"
#include "container/layers.h"
#include "container/layers_parts.h"

/* A file that has the same of all five was not written to since: ctime cannot be set. */
static const char *link_path(const char *data_root, const struct stat *status,
			     struct arena *arena)
{
	const struct timespec *m = &status->st_mtim, *c = &status->st_ctim;

	return arena_format(arena, "%s/layers/tars/%ju-%ju-%jd-%jd%09ld-%jd%09ld",
			    data_root, (uintmax_t)status->st_dev,
			    (uintmax_t)status->st_ino, (intmax_t)status->st_size,
			    (intmax_t)m->tv_sec, m->tv_nsec, (intmax_t)c->tv_sec,
			    c->tv_nsec);
}

/* The directory that the link leads to, links resolved; NULL when there is none. */
static const char *follow(const char *link, struct arena *arena)
{
	char resolved[PATH_MAX];
	struct stat status;

	if (realpath(link, resolved) == NULL || stat(resolved, &status) < 0 ||
	    !S_ISDIR(status.st_mode))
		return NULL;
	return arena_text(arena, resolved, strlen(resolved));
}

/* What the program said went wrong; nothing when it was killed. */
static void refuse(const char *tar, const char *text, struct error *err)
{
	if (text == NULL || text[0] == '\0')
		(void)error_set(err, 0, "cannot unpack '%s'", tar);
	else
		(void)error_set(err, 0, "%s", text);
	if (strstr(err->text, tar) == NULL)
		(void)error_prefix(err, "cannot unpack '%s'", tar);
}

static const char *unpack(const struct layers_request *request,
			  const char *data_directory, const char *tar,
			  struct arena *arena, struct error *err)
{
	const char *directory = getenv("MINIRUN_LIBEXEC");
	char *program = arena_format(arena, "%s/minirun-image",
				     directory != NULL ? directory : LIBEXECDIR);
	char *const arguments[] = {
		arena_text(arena, "minirun-image", strlen("minirun-image")),
		arena_text(arena, "layer", strlen("layer")),
		arena_text(arena, "--scratch", strlen("--scratch")),
		arena_format(arena, "%s/scratch", data_directory),
		arena_text(arena, "--store", strlen("--store")),
		arena_format(arena, "%s/layers", request->data_root),
		arena_text(arena, tar, strlen(tar)),
		NULL,
	};
	auto_text struct text output = { 0 };
	int status = process_run(program, arguments, &output, err);

	if (status < 0)
		return NULL;
	if (output.length > 0 && output.data[output.length - 1] == '\n')
		output.data[--output.length] = '\0';
	if (status != 0) {
		refuse(tar, output.data, err);
		return NULL;
	}
	if (output.length == 0 || output.data[0] != '/') {
		(void)error_set(err, 0, "'%s' did not say where it unpacked '%s'",
				program, tar);
		return NULL;
	}
	return arena_text(arena, output.data, output.length);
}

/* Remembers for which tar the directory is. A link that leads nowhere is of a store that
 * was emptied by hand. */
static int remember(const char *link, const char *layer, struct arena *arena,
		    struct error *err)
{
	const char *name = strrchr(link, '/') + 1;
	const char *parent = arena_text(arena, link, (size_t)(name - link));
	auto_close int dirfd = tree_make(AT_FDCWD, parent, err);

	if (dirfd < 0)
		return -1;
	if (unlinkat(dirfd, name, 0) < 0 && errno != ENOENT)
		return error_set(err, errno, "cannot replace '%s'", link);
	if (symlinkat(layer, dirfd, name) < 0)
		return error_set(err, errno, "cannot make '%s'", link);
	return 0;
}

const char *layers_store_seen(const char *data_root, const char *tar, struct arena *arena)
{
	struct stat status;

	return stat(tar, &status) < 0
		       ? NULL
		       : follow(link_path(data_root, &status, arena), arena);
}

const char *layers_store_find(const struct layers_request *request,
			      const char *data_directory, const char *tar,
			      struct arena *arena, struct error *err)
{
	auto_close int fd = open(tar, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	const char *link, *layer;
	struct stat status;

	if (fd < 0 || fstat(fd, &status) < 0) {
		(void)error_set(err, errno, "cannot open '%s'", tar);
		return NULL;
	}
	link = link_path(request->data_root, &status, arena);
	layer = follow(link, arena);
	if (layer != NULL)
		return layer;
	/* Whoever starts at the same time waits here, then finds it unpacked. */
	if (flock(fd, LOCK_EX) < 0) {
		(void)error_set(err, errno, "cannot lock '%s'", tar);
		return NULL;
	}
	layer = follow(link, arena);
	if (layer != NULL)
		return layer;
	layer = unpack(request, data_directory, tar, arena, err);
	if (layer == NULL)
		return NULL;
	if (follow(link, arena) == NULL && remember(link, layer, arena, err) < 0)
		return NULL;
	return layer;
}
