/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* unpack - the verb: an image, or a layer alone, as a bundle that can be run. */

#include <stdbool.h>

struct error;

struct unpack_request {
	const char *data_root;      /* absolute; need not exist */
	const char *image, *bundle; /* a target (target.h), to be read; a new directory */
	bool quiet, json;
};

/* The layers go to the store; the bundle is there whole or not at all. */
int unpack_image(const struct unpack_request *request, struct error *err);
