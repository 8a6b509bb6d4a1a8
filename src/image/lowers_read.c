/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "image/lowers.h"
#include "image/lowers_read.h"

enum { LINKS_MAX = 40 };

int lowers_open_paths(struct lowers *lowers, char *const *paths, struct error *err)
{
	size_t count = 0;

	while (paths[count] != NULL)
		count++;
	lowers->fds = calloc(count + 1, sizeof(int));
	if (lowers->fds == NULL)
		return error_set(err, ENOMEM, "cannot open the layers");
	for (size_t i = 0; i < count; i++) {
		int fd = open(paths[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (fd < 0)
			return error_set(err, errno, "cannot open '%s'", paths[i]);
		lowers->fds[lowers->count++] = fd;
	}
	return 0;
}

/* On the way through the image: where we are, without links, and what is to come. */
struct way {
	struct arena arena;
	const char *here; /* "." or "./a/b" */
	const char *rest;
	unsigned links;
};

static void way_release(struct way *way)
{
	arena_release(&way->arena);
}

static void go_up(struct way *way)
{
	const char *slash = strrchr(way->here, '/');

	if (slash != NULL)
		way->here =
			arena_text(&way->arena, way->here, (size_t)(slash - way->here));
}

/* 1; 0: a name that long is nowhere. What a link holds takes the place of its name. */
static int follow(struct way *way, const struct lowers_found *link)
{
	char target[PATH_MAX];
	ssize_t length =
		readlinkat(link->entry.parent, link->name, target, sizeof(target) - 1);

	if (length <= 0 || ++way->links > LINKS_MAX)
		return 0;
	target[length] = '\0';
	if (target[0] == '/')
		way->here = ".";
	way->rest = arena_format(&way->arena, "%s/%s", target, way->rest);
	return 1;
}

/* The next name of the path: 1 and *found, if there is something; links are followed. */
static int step(struct way *way, const struct lowers *lowers, const char *name,
		struct lowers_found *found, struct error *err)
{
	const char *path = arena_format(&way->arena, "%s/%s", way->here, name);
	int result = lowers_find(lowers, path, found, err);

	if (result <= 0)
		return result;
	if (S_ISLNK(found->entry.status.st_mode)) {
		result = follow(way, found);
		lowers_found_release(found);
		return result;
	}
	way->here = path;
	return 1;
}

static int walk(struct way *way, const struct lowers *lowers, struct lowers_found *found,
		struct error *err)
{
	int result = 1;

	while (result > 0) {
		const size_t length = strcspn(way->rest += strspn(way->rest, "/"), "/");
		const char *name = arena_text(&way->arena, way->rest, length);

		way->rest += length;
		if (length == 0)
			return found->entry.parent >= 0;
		lowers_found_release(found);
		if (strcmp(name, "..") == 0)
			go_up(way);
		else if (length > NAME_MAX)
			result = 0;
		else if (strcmp(name, ".") != 0)
			result = step(way, lowers, name, found, err);
	}
	return result;
}

static int read_found(const struct lowers_found *found, size_t most, struct text *text,
		      struct error *err)
{
	auto_close int fd = openat(found->entry.parent, found->name,
				   O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat status;
	ssize_t got;

	if (fd < 0 || fstat(fd, &status) < 0)
		return error_set(err, errno, "cannot open it");
	if (!S_ISREG(status.st_mode) || (uint64_t)status.st_size > most)
		return error_set(err, 0, "not a regular file, or too large");
	got = file_read_full(fd, text_reserve(text, (size_t)status.st_size + 1),
			     (size_t)status.st_size);
	if (got < 0)
		return error_set(err, errno, "cannot read it");
	text->length += (size_t)got;
	text->data[text->length] = '\0';
	return 1;
}

int lowers_read(const struct lowers *lowers, const char *path, size_t most,
		struct text *text, struct error *err)
{
	__attribute__((cleanup(way_release))) struct way way = { .here = ".",
								 .rest = path };
	auto_lowers_found struct lowers_found found = LOWERS_FOUND_NONE;
	int result = walk(&way, lowers, &found, err);

	if (result <= 0)
		return result;
	if (!S_ISREG(found.entry.status.st_mode))
		return error_set(err, 0, "'%s' of the image is not a regular file", path);
	return read_found(&found, most, text, err) < 0
		       ? error_prefix(err, "'%s' of the image", path)
		       : 1;
}
