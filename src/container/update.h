/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * update - the verb: other limits for a living container. They are merged into its copy
 * of the configuration, so that a later update adds to them; what is asked for and what
 * it hangs together with (the members of one section) is checked and written.
 */

#include "base/arena.h"
#include "container/record.h"
#include "oci/bundle.h"

struct error;
struct json;
struct registry;

struct update {
	int entryfd;        /* the container's directory, locked */
	struct arena arena; /* of the record */
	struct record record;
	struct bundle bundle; /* the container's configuration; messages need the parts of
				 what is asked for */
};

#define auto_update __attribute__((cleanup(update_release)))
#define UPDATE_NONE                                     \
	{                                               \
		.entryfd = -1, .bundle = {.dirfd = -1 } \
	}

struct update_request {
	const struct json *resources; /* an object, in bundle.arena */
	/* Lines for the container's class of resctrl; NULL: as they are. */
	const char *l3_cache_schema, *mem_bw_schema;
};

/* *update is UPDATE_NONE before. A container that does not live is "container not
 * running" (runc's words). */
int update_open(struct update *update, const struct registry *registry, const char *id,
		struct error *err);

/* After an error the limits are those on record again, as far as they can be written. */
int update_apply(struct update *update, const struct update_request *request,
		 struct error *err);

void update_release(struct update *update);
