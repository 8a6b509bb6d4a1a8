/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* image_platform - which of several images is for this machine: "platform" of
 * image-index.md, in Go's words. Pure. */

struct error;
struct json;
struct text;

struct image_platform {
	const char *architecture; /* "amd64" */
	unsigned level;           /* the highest variant, "v8" */
};

/* That of the machine that uname(2) tells of. */
void image_platform_find(struct image_platform *platform, const char *machine);

/* Whether the object, a platform or the configuration of an image, is for it: above 0,
 * the more the better; 0: not. */
unsigned image_platform_rank(const struct image_platform *platform,
			     const struct json *json);

/* "linux/arm64/v8" of such an object, for messages. */
void image_platform_put(const struct json *json, struct text *text);

/* The descriptor for it, out of those of the list that have the tag, or out of all when
 * it is NULL. NULL: there is none. */
const struct json *image_platform_choose(const struct image_platform *platform,
					 const struct json *manifests, const char *tag,
					 struct error *err);
