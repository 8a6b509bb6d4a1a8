/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* describe - a container's state as `state` and `list` print it. */

struct arena;
struct error;
struct registry;
struct state;

/* err->code is ENOENT when there is none. Strings in the arena. */
int describe_container(const struct registry *registry, const char *id,
		       struct arena *arena, struct state *state, struct error *err);
