/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* source - the container whose root is read: found, its layers those that it was made
 * with, and held still meanwhile. */

#include <stdbool.h>

#include "base/arena.h"
#include "container/freeze.h"
#include "container/record.h"

struct error;

enum source_flags {
	SOURCE_CHANGES = 1,    /* what it changed is wanted, so it must have layers */
	SOURCE_NO_PAUSE = 2,   /* not to be held still */
	SOURCE_MAPPED_IDS = 4, /* ids of a user namespace are understood */
};

struct source {
	struct arena arena;
	struct record record;
	int entryfd; /* of the registry */
	bool hold;
	struct freeze freeze;
};

#define auto_source __attribute__((cleanup(source_release)))
#define SOURCE_NONE                                  \
	{                                            \
		.entryfd = -1, .freeze = FREEZE_NONE \
	}

/* *source is SOURCE_NONE before. root: of the registry. */
int source_open(struct source *source, const char *root, const char *id,
		enum source_flags flags, struct error *err);

/* Until source_thaw(): frozen, unless nothing runs or that is not wanted. */
int source_freeze(struct source *source, struct error *err);
void source_thaw(struct source *source);
void source_release(struct source *source);
