/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * image_layout - an image layout that somebody else wrote, a directory or an archive:
 * image-layout.md of the image specification. Nothing in it is trusted: a document has at
 * most IMAGE_DOCUMENT_MAX bytes, a blob the size and digest that its descriptor tells; no
 * link is followed.
 */

#include "image/archive_files.h"
#include "image/image_documents.h"

struct error;
struct json;
struct target;

struct image_layout {
	int directory, blobs; /* its blobs/sha256; -1: it is an archive */
	struct archive_files files;
};

#define IMAGE_LAYOUT_NONE                    \
	{                                    \
		.directory = -1, .blobs = -1 \
	}

/* scratch: a directory with room for the files of an archive, made if need be; NULL: the
 * target is a directory. *layout is IMAGE_LAYOUT_NONE before. */
int image_layout_open(struct image_layout *layout, const struct target *target,
		      const char *scratch, struct error *err);

/* "oci-layout" or "index.json" as a JSON object in the arena; NULL after filling *err. */
const struct json *image_layout_read(const struct image_layout *layout, const char *name,
				     struct arena *arena, struct error *err);

/* The same of a blob, and its digest is checked. */
const struct json *image_layout_read_blob(const struct image_layout *layout,
					  const struct image_descriptor *blob,
					  struct arena *arena, struct error *err);

/* An owned descriptor of a blob, a file of its size; what it holds was not looked at. */
int image_layout_open_blob(const struct image_layout *layout,
			   const struct image_descriptor *blob, struct error *err);

void image_layout_release(struct image_layout *layout);

/* The JSON object in dirfd/name; *err names it. NULL: not there, ENOENT in err->code, or
 * wrong. In the arena. */
struct json *image_layout_read_file(int dirfd, const char *name, struct arena *arena,
				    struct error *err);
