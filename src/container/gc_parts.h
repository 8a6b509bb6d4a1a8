/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* gc_parts - what the files of gc share. */

#include <stdbool.h>
#include <stddef.h>

#include "container/gc.h"
#include "container/registry.h"

struct gc_run {
	const struct gc_request *request;
	struct registry registry;
	size_t failures;
};

bool gc_is_dry(const struct gc_run *run);
void gc_say(const struct gc_run *run, const struct gc_item *item);

/* Warns of what could not be looked at or removed. */
void gc_fail(struct gc_run *run, const struct error *err);

/* gc_layers.c: directories in DATA_ROOT/containers that no record of ROOT owns. */
void gc_directories(struct gc_run *run);

/* gc_scratch.c: what an interrupted unpack left in DATA_ROOT/layers. */
void gc_scratch(struct gc_run *run);

/* Claims that lead to no container, of whatever ROOT. */
void gc_claims(struct gc_run *run);
