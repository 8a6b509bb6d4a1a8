/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * image_config - the configuration of an image: config.md of the image specification.
 * Pure.
 */

#include <stddef.h>

struct arena;
struct config_process;
struct error;
struct json;
struct text;

enum { IMAGE_CHANGES_MAX = 256 };

/* What the caller says of the image. */
struct image_details {
	const char *author, *message;           /* NULL: none */
	const char *changes[IMAGE_CHANGES_MAX]; /* "KEY=VALUE" of its member "config" */
	size_t changes_count;
};

/* The member "config": of the base if there is one, else of the container's process (NULL
 * too: nothing); then changed. In the arena. NULL after filling *err. */
struct json *image_config_make(const struct json *base,
			       const struct config_process *process,
			       const struct image_details *details, struct arena *arena,
			       struct error *err);

struct image_config {
	const struct json *base; /* the document to add to, or NULL */
	const struct json *config;
	const struct image_details *details;
	const char *created;      /* RFC 3339 */
	const char *architecture; /* without a base */
	const char *diff_id;      /* "sha256:…" of the new layer as a tar */
};

/* The whole document, with the new layer as the topmost. */
void image_config_write(const struct image_config *image, struct text *text);

/* What Go, and so the specification, calls a machine of uname(2). */
const char *image_config_architecture(const char *machine);
