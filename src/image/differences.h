/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * differences - the paths at which a root is another one than its lowers show. Of what is
 * gone with its directory only the directory is told; a directory counts as changed when
 * something in it is, as docker(1) has it.
 */

#include <stddef.h>
#include <sys/stat.h>

struct arena;
struct error;
struct inside_ids;
struct lowers;

enum difference_kind {
	DIFFERENCE_NONE, /* not told of */
	DIFFERENCE_ADDED = 'A',
	DIFFERENCE_CHANGED = 'C',
	DIFFERENCE_DELETED = 'D',
};

struct difference {
	enum difference_kind kind;
	const char *path; /* absolute */
	mode_t mode;      /* of what is there; of what was, if it is deleted */
	off_t size;
	struct difference *parent, *next;
};

struct differences {
	const struct lowers *lowers;
	const struct inside_ids *ids; /* compare.h */
	struct arena *arena;          /* of all that is found */
	struct difference *first;     /* the one found last, and so on by `next` */
	struct difference *directory; /* that the reading is in */
	size_t count;
};

/* differences->first on. The first three members are set before, the others zero. */
int differences_find(struct differences *differences, int upperfd, struct error *err);

/* Those to be told, in the order of the bytes of their paths, in the arena. */
struct difference **differences_sort(const struct differences *differences,
				     size_t *count);
