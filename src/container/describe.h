/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* describe - a container's state as `state` and `list` print it, and as others are told
 * of it. */

#include <sys/types.h>

#include "container/status.h"
#include "oci/state.h"

struct arena;
struct error;
struct record;
struct registry;

/* What the specification has, for hooks and agents. Strings of the record. */
struct state describe_record(const struct record *record, enum status status, pid_t pid);

/* err->code is ENOENT when there is none. Strings in the arena. */
int describe_container(const struct registry *registry, const char *id,
		       struct arena *arena, struct state *state, struct error *err);
