/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * image_commit - a layer of a container as an image: alone, or on top of another image.
 * All that can be wrong with what the caller wants is found before the container is
 * looked at.
 */

#include "image/image.h"
#include "image/image_config.h"
#include "image/image_output.h"
#include "image/target.h"
#include "oci/bundle.h"

struct error;

struct image_commit {
	const struct image_details *details;
	struct image base;
	struct image_output output;
	struct bundle bundle; /* the container's configuration */
	struct target base_target;
	struct image_blob *layer; /* to be written, by the caller */
	const struct json *config;
	const char *created;
};

#define auto_image_commit __attribute__((cleanup(image_commit_release)))
#define IMAGE_COMMIT_NONE                                                           \
	{                                                                           \
		.base = IMAGE_NONE, .output = IMAGE_OUTPUT_NONE, .bundle.dirfd = -1 \
	}

/* *image is IMAGE_COMMIT_NONE but for its details. base: a target, or NULL; entryfd: the
 * container's directory in the registry. The target is borrowed. */
int image_commit_open(struct image_commit *image, const struct target *target,
		      const char *base, int entryfd, struct error *err);

/* image->layer is written and has its descriptor; diff_id: the SHA-256 of it as a tar;
 * layer_suffix: of its media type. hex: of the manifest. */
int image_commit_publish(struct image_commit *image, const char *diff_id,
			 const char *layer_suffix, char hex[DIGEST_HEX_SIZE],
			 struct error *err);
void image_commit_release(struct image_commit *image);
