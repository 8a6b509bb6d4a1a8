/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* resources_merge - one linux.resources changed by another, as trees: what `update` asks
 * for, into what is on record. Pure. */

struct arena;
struct json;

/*
 * Puts what the object `asked` says into the object *resources; copies are in the arena.
 * A member that stands for "not set" (null, and 0 or "" where the specification has them
 * mean that; managers write all members always) leaves what is there. Of a list about
 * devices, page sizes or interfaces an element with the same name is changed, else added;
 * the list of device rules is replaced. Memory without limit takes a limit on swap away,
 * unless that is asked for as well.
 */
void resources_merge(struct arena *arena, struct json *resources,
		     const struct json *asked);
