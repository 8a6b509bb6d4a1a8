/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * layer_read - the entries of a tar to a directory that can be a lower layer.
 *
 * Nothing in the tar is trusted: a path goes from component to component inside the
 * directory (kernel/inside.h), whatever links the tar itself has made; "..", a hard link
 * to what is not there and an entry without a name are errors. Whiteouts of the image
 * specification (layer.md) become those of overlayfs. The last of two entries with one
 * path counts.
 */

#include "base/arena.h"
#include "image/losses.h"

struct error;
struct tar_input;

/* What came of it besides the files. */
struct layer_report {
	struct arena arena;
	char **implied; /* directories that have no entry, layer_directories.h */
	struct losses losses;
};

#define auto_layer_report __attribute__((cleanup(layer_report_release)))

/* Everything up to the end of the tar; rootfd is an empty directory, and gets the
 * attributes of the root's entry. Directories that have none are 0755 of root and of the
 * time 0, as umoci has it for the root. An ordinary user has losses (geteuid(2)).
 * *report is zero before. */
int layer_read(struct tar_input *input, int rootfd, struct layer_report *report,
	       struct error *err);

void layer_report_release(struct layer_report *report);
