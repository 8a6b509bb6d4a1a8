/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* image_annotations - the annotations that an image's configuration gives a container:
 * conversion.md, "Annotation Fields". Pure. */

struct arena;
struct image_runtime;
struct json;
struct text;

/* Adds them to the container's configuration, in the arena. Labels on which a runtime
 * would act are left out: an image could make an upper of a directory of the host.
 * *refused gets their names. */
void image_annotations_add(struct arena *arena, struct json *config,
			   const struct image_runtime *runtime, struct text *refused);
