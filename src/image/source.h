/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* source - the container whose root is read: found, its layers those that it was made
 * with, and held still meanwhile. */

#include <stdbool.h>

#include "base/arena.h"
#include "container/freeze.h"
#include "container/record.h"
#include "image/inside_ids.h"
#include "oci/bundle.h"

struct error;

enum source_flags {
	SOURCE_CHANGES = 1,  /* what it changed is wanted, so it must have layers */
	SOURCE_NO_PAUSE = 2, /* not to be held still */
};

struct source {
	struct arena arena;
	struct record record;
	int entryfd; /* of the registry */
	bool hold;
	struct freeze freeze;
	struct bundle bundle; /* its configuration, if it has a user namespace */
	struct inside_ids ids;
};

#define auto_source __attribute__((cleanup(source_release)))
#define SOURCE_NONE                                                       \
	{                                                                 \
		.entryfd = -1, .freeze = FREEZE_NONE, .bundle.dirfd = -1, \
		.ids.namespace = -1                                       \
	}

/* *source is SOURCE_NONE before. root: of the registry. */
int source_open(struct source *source, const char *root, const char *id,
		enum source_flags flags, struct error *err);

/* Until source_thaw(): frozen, unless nothing runs or that is not wanted. */
int source_freeze(struct source *source, struct error *err);
void source_thaw(struct source *source);
void source_release(struct source *source);

/* source_ids.c: the ids of the container; refuses what cannot be read. */
int source_ids_read(struct source *source, struct error *err);

/* Makes a user namespace like the container's, and as an ordinary user goes into it and a
 * mount namespace for good: its root can be read then. Who is there has the user's rights
 * on the host still, by the id that he has in it. Not with threads. */
int source_enter(struct source *source, struct error *err);
