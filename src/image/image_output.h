/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * image_output - the place of a new image: a layout directory, which is new, empty or one
 * already, or a file. The index of a directory is replaced last and at once, under a
 * lock: until then the image is not there, and those beside it never go away.
 */

#include <stdbool.h>

#include "image/image_blobs.h"
#include "image/output.h"

struct error;
struct target;

struct image_output {
	const struct target *target; /* borrowed */
	int directory;               /* the layout; -1: it is a file */
	bool made;                   /* it was not there */
	bool is_verified; /* all blobs are read back before they have their names */
	struct output file;
	struct image_blobs blobs;
};

#define auto_image_output __attribute__((cleanup(image_output_release)))
#define IMAGE_OUTPUT_NONE                            \
	{                                            \
		.directory = -1, .file = OUTPUT_NONE \
	}

/* *output is IMAGE_OUTPUT_NONE before. */
int image_output_open(struct image_output *output, const struct target *target,
		      struct error *err);

/* With all its blobs; the manifest, one of them, by its tag. */
int image_output_publish(struct image_output *output,
			 const struct image_descriptor *manifest, struct error *err);

/* What was not published is gone. */
void image_output_release(struct image_output *output);
