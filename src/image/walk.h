/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * walk - a directory tree by descriptor, names in the order of their bytes, parents
 * before children. Never through a link, never across a mount; nothing in the tree is
 * trusted. Holds a descriptor for each level; a path of PATH_MAX bytes, which nobody
 * could unpack, is an error, so there is an end to them.
 */

#include <stddef.h>
#include <sys/stat.h>

struct arena;
struct error;

struct walk_entry {
	int parent;       /* the directory it is in */
	const char *name; /* "." for the root */
	const char *path; /* "./tmp/hello.txt", "." for the root */
	struct stat status;
};

struct walk_directory {
	int fd;
	const char *path;
	char *const *names; /* sorted; NULL ends it */
};

struct walk {
	/* Before the entries of a directory; may be NULL. */
	int (*directory)(void *context, const struct walk_directory *directory,
			 struct error *err);
	/* For every entry; above 0: a directory is not entered. */
	int (*entry)(void *context, const struct walk_entry *entry, struct error *err);
	void *context;
};

/* From rootfd on, its own entry first. */
int walk_run(const struct walk *walk, int rootfd, struct error *err);

/* The names in directories; they are in the arena. */
struct walk_names {
	struct arena *arena;
	char **list;
	size_t count, room;
};

/* Adds those of a directory as it lists them. */
int walk_names_add(struct walk_names *names, int fd, const char *path, struct error *err);
/* In the order of their bytes; NULL ends the list. */
void walk_names_sort(struct walk_names *names);

/* What the calls on extended attributes take: /proc/self/fd/PARENT/NAME. */
void walk_proc_path(int parent, const char *name, char *buffer, size_t size);
