/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * overlay_annotations - root.overlay for managers, which can set annotations but add no
 * member: io.minirun.overlay.lower (the text of a JSON array), .upper, .work, .volatile
 * ("true" or "false"). See minirun-config(5).
 */

struct arena;
struct error;
struct json;

#define OVERLAY_ANNOTATIONS_PREFIX "io.minirun.overlay."

/* Puts what they say into the tree as root.overlay; given both ways is an error. Each new
 * node has the place of its annotation, so that a message about it points there. */
int overlay_annotations_merge(struct arena *arena, struct json *config,
			      struct error *err);
