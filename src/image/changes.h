/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * changes - what an upper directory changes of its lowers. The one place that reads an
 * upper; contract: overlayfs.rst. In each directory, what is gone comes first, then what
 * is there, in the order of the names.
 */

#include <stdbool.h>

struct error;
struct lowers;
struct walk_entry;

enum change_kind {
	CHANGE_ENTRY,  /* something is there; it may replace what lowers show */
	CHANGE_GONE,   /* what lowers show is not */
	CHANGE_SOCKET, /* the same, by a socket, whose CHANGE_ENTRY comes later */
};

enum change_hides {
	CHANGE_HIDES_NONE,  /* of a directory of the lowers, both are seen */
	CHANGE_HIDES_LOWER, /* the directory of the lowers is there and not seen */
	CHANGE_HIDES_ABOVE, /* nothing of the lowers is seen anyway */
};

struct change {
	enum change_kind kind;
	enum change_hides hides;        /* if it is a directory */
	const char *path;               /* "./a/b", "." for the root */
	const struct walk_entry *entry; /* CHANGE_ENTRY */
};

struct changes_reader {
	int (*change)(void *context, const struct change *change, struct error *err);
	void *context;
	/* What to do about an upper that somebody else mounted with options that make it
	 * no complete diff; NULL: nothing. */
	const char *way_out;
};

int changes_read(int upperfd, const struct lowers *lowers,
		 const struct changes_reader *reader, struct error *err);
