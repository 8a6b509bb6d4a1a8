/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* image_documents - manifest and index of an image: manifest.md, image-index.md and
 * image-layout.md of the image specification. Pure. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "image/digest.h"

struct error;
struct image_platform;
struct json;
struct text;

#define IMAGE_INDEX_TYPE    "application/vnd.oci.image.index.v1+json"
#define IMAGE_MANIFEST_TYPE "application/vnd.oci.image.manifest.v1+json"
#define IMAGE_CONFIG_TYPE   "application/vnd.oci.image.config.v1+json"
#define IMAGE_LAYER_TYPE    "application/vnd.oci.image.layer.v1.tar"

enum { IMAGE_DOCUMENT_MAX = 16 * 1024 * 1024 }; /* bytes of what is read */

/* A blob as another document names it. */
struct image_descriptor {
	char hex[DIGEST_HEX_SIZE]; /* of its SHA-256 */
	uint64_t size;
};

/* base: the manifest to add to, or NULL. layer_suffix: of its media type. */
void image_manifest_write(const struct json *base, const struct image_descriptor *config,
			  const struct image_descriptor *layer, const char *layer_suffix,
			  struct text *text);

/* index: what is there, or NULL; the manifest takes the place of the one with its tag. */
void image_index_write(const struct json *index, const struct image_descriptor *manifest,
		       const char *tag, struct text *text);

/* The descriptor with that tag in an index; without a tag, the only one there is. Of
 * several that all say for which platform they are, the one for that. */
const struct json *image_index_find(const struct json *index, const char *tag,
				    const struct image_platform *platform,
				    struct error *err);

/* Whether a descriptor has the tag. */
bool image_has_tag(const struct json *descriptor, const char *tag);

/* The digits of a digest of SHA-256 that somebody else wrote, a JSON string. */
int image_digest_read(const struct json *json, char hex[DIGEST_HEX_SIZE],
		      struct error *err);

/* Takes a descriptor that somebody else wrote apart; its digest names a file. */
int image_descriptor_read(const struct json *json, struct image_descriptor *descriptor,
			  struct error *err);

/* "oci-layout" of a directory: whether its version is one that we know. */
int image_layout_check(const struct json *json, struct error *err);
void image_layout_write(struct text *text);
