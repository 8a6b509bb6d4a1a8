/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* lowers_read - a file of an image, for what an image has to say. Nothing in it is
 * trusted: links lead from layer to layer and never out of them. */

#include <stddef.h>

struct error;
struct lowers;
struct text;

/* The directories of layers, topmost first, NULL at the end, to *lowers, which is zero
 * before. */
int lowers_open_paths(struct lowers *lowers, char *const *paths, struct error *err);

/* Adds what the layers show at the path, at most so many bytes, links followed: 1; 0:
 * there is no such file. */
int lowers_read(const struct lowers *lowers, const char *path, size_t most,
		struct text *text, struct error *err);
