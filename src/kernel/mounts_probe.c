/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/parse.h"
#include "base/syscalls.h"
#include "base/text.h"
#include "kernel/id_maps.h"
#include "kernel/mounts_probe.h"
#include "oci/config.h"

enum { PROBES_MOST = 32, TABLE_MOST = 16 << 20 };

struct probing {
	struct mounts_probe *probes;
	size_t count;
	struct text known; /* /proc/filesystems */
	int namespace;     /* the user namespace to map to; made when needed */
	bool is_refused;   /* the caller may not try */
};

struct line {
	int64_t id;
	const char *place, *type;
};

/* ID PARENT MAJOR:MINOR ROOT PLACE OPTIONS [OPTIONAL]... - TYPE SOURCE OPTIONS. A place
 * with a blank in it is written with a backslash, and left to others of the type. */
static bool read_line(char *text, struct line *line)
{
	char *tail = strstr(text, " - ");
	char *fields[5];

	if (tail == NULL)
		return false;
	tail += strlen(" - ");
	line->type = strsep(&tail, " ");
	for (size_t i = 0; i < 5; i++)
		fields[i] = strsep(&text, " ");
	line->place = fields[4];
	return line->place != NULL && strchr(line->place, '\\') == NULL &&
	       parse_int(fields[0], 0, INT64_MAX, &line->id);
}

/*
 * Nobody waits for a server that does not answer: of the types without a device of their
 * own only these two are looked at, and no fuse, which may have one.
 */
static bool is_local(const struct probing *probing, const char *type)
{
	char line[64];

	if (strcmp(type, "tmpfs") == 0 || strcmp(type, "overlay") == 0)
		return true;
	if (strncmp(type, "fuse", 4) == 0)
		return false;
	(void)snprintf(line, sizeof(line), "\n\t%s\n", type);
	return strstr(probing->known.data, line) != NULL;
}

static bool is_new(const struct probing *probing, const char *type)
{
	for (size_t i = 0; i < probing->count; i++) {
		if (strcmp(probing->probes[i].type, type) == 0)
			return false;
	}
	return probing->count < PROBES_MOST;
}

/* A detached clone of that very mount and not of one over it; -1. The way there may lead
 * over a file system that is_local() knows nothing of: RESOLVE_CACHED, Linux 5.12, asks
 * none. */
static int clone_mount(struct probing *probing, const struct line *line)
{
	const struct open_how how = { .flags = O_PATH | O_CLOEXEC,
				      .resolve = RESOLVE_CACHED };
	auto_close int fd = sys_openat2(AT_FDCWD, line->place, &how);
	struct statx status;
	int tree;

	if (fd < 0 ||
	    statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_MNT_ID, &status) <
		    0 ||
	    status.stx_mnt_id != (uint64_t)line->id)
		return -1;
	tree = open_tree(fd, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
	probing->is_refused = tree < 0 && errno == EPERM;
	return tree;
}

static bool has_namespace(struct probing *probing)
{
	static const struct config_id_map root = { .size = 1 };
	static const struct id_maps maps = { &root, &root, 1, 1 };
	struct error err = { 0 };

	if (probing->namespace < 0)
		probing->namespace = id_maps_namespace(&maps, &err);
	probing->is_refused = probing->namespace < 0;
	return probing->namespace >= 0;
}

/* EINVAL is the file system's; EPERM says that it is not the caller's to map, or is
 * mapped already. */
static void probe(struct probing *probing, const struct line *line, struct arena *arena)
{
	auto_close int tree = clone_mount(probing, line);
	struct error err = { 0 };
	int result;

	if (tree < 0 || !has_namespace(probing))
		return;
	result = id_maps_set(tree, 0, probing->namespace, &err);
	if (result < 0 && err.code != EINVAL)
		return;
	probing->probes[probing->count++] = (struct mounts_probe){
		.type = arena_text(arena, line->type, strlen(line->type)),
		.maps_ids = result == 0,
	};
}

const struct mounts_probe *mounts_probe(struct arena *arena, size_t *count)
{
	struct probing probing = {
		.probes = arena_alloc(arena, PROBES_MOST, sizeof(*probing.probes)),
		.namespace = -1,
	};
	auto_text struct text table = { 0 };
	struct error err = { 0 };
	char *rest;

	*count = 0;
	text_put(&probing.known, "\n");
	(void)file_read(AT_FDCWD, "/proc/filesystems", TABLE_MOST, &probing.known, &err);
	(void)file_read(AT_FDCWD, "/proc/self/mountinfo", TABLE_MOST, &table, &err);
	rest = table.data;
	while (rest != NULL && !probing.is_refused) {
		struct line line;

		if (read_line(strsep(&rest, "\n"), &line) &&
		    is_new(&probing, line.type) && is_local(&probing, line.type))
			probe(&probing, &line, arena);
	}
	if (probing.namespace >= 0)
		(void)close(probing.namespace);
	text_release(&probing.known);
	*count = probing.count;
	return probing.probes;
}
