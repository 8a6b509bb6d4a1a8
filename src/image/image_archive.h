/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* image_archive - an image layout as a tar. */

struct error;
struct image_blobs;
struct image_descriptor;
struct text;

/* The two documents of the layout and the blobs, to a descriptor. *whole: of all. */
int image_archive_write(int fd, const struct text *layout, const struct text *index,
			const struct image_blobs *blobs, struct image_descriptor *whole,
			struct error *err);
