/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * image_blobs - the files of an image while it is made: without a name (O_TMPFILE,
 * open(2)) until all of them are whole. Where the file system knows no O_TMPFILE, under
 * ".minirun-PID-N", which a kill leaves.
 */

#include <limits.h>
#include <stdbool.h>

#include "base/arena.h"
#include "image/image_documents.h"

struct error;
struct text;

struct image_blob {
	struct image_descriptor descriptor;
	int fd;
	bool is_foreign;              /* of a base: somebody's file, with a name */
	char temporary[NAME_MAX + 1]; /* its name, or "" */
	struct image_blob *next;
};

struct image_blobs {
	int directory; /* borrowed: they are made in it */
	struct image_blob *first, **last;
	unsigned count;
	struct arena arena;
};

#define auto_image_blobs __attribute__((cleanup(image_blobs_release)))

/* *blobs is zero before. */
void image_blobs_open(struct image_blobs *blobs, int directory);

/* An empty one, whose descriptor is to be filled in when it is written. NULL: *err. */
struct image_blob *image_blobs_add(struct image_blobs *blobs, struct error *err);
/* One with that content. */
struct image_blob *image_blobs_add_text(struct image_blobs *blobs,
					const struct text *text, struct error *err);
/* One that is there already; its descriptor is owned from then on. */
void image_blobs_add_foreign(struct image_blobs *blobs, int fd,
			     const struct image_descriptor *descriptor);

/* Gives them their names in a directory on the same file system, on the disk. One that is
 * there already stays. A foreign one is linked if it is the caller's own file and can be,
 * else copied. */
int image_blobs_publish(struct image_blobs *blobs, int directory, struct error *err);
/* Reads all of them, those of others too, and compares their digests. */
int image_blobs_verify(const struct image_blobs *blobs, struct error *err);

void image_blobs_release(struct image_blobs *blobs);
