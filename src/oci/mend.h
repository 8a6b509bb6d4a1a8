/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * mend - a configuration without what was found wrong in it, so that whoever stops at the
 * first mistake can be asked for the next one.
 *
 * What is wrong is taken away: the member, or the element of an array. For what must be
 * there something stands in, and when that is complained of at the same place, what is
 * around it goes. The tree can be put back.
 */

#include <stdbool.h>

#include "base/error.h"

struct arena;
struct json;
struct mend_edit;

/* Zero but for these two; the tree is that of a whole configuration. */
struct mend {
	struct json *root;
	struct arena *arena;
	struct mend_edit *edits; /* the last one first */
};

/*
 * The deepest node that the path reaches. The path is one of the tree as it is now,
 * *place becomes what it is in the tree as it was read, with the indices from there.
 */
const struct json *mend_place(const struct mend *mend, const char *where,
			      char place[ERROR_WHERE_MAX]);

/* Whether an edit was at the place, above it, or in its list: what is said there may come
 * of the edit. */
bool mend_has_touched(const struct mend *mend, const char *place);

/* Takes away or replaces what is wrong at a path of the tree as it is now. False: it
 * cannot be helped, and nothing was changed. */
bool mend_apply(struct mend *mend, const char *where);

/* Puts everything back that was edited since `until` was mend->edits. */
void mend_undo(struct mend *mend, const struct mend_edit *until);
