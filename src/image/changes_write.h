/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * changes_write - an upper directory as a layer of the image specification (layer.md):
 * everything in it, and a whiteout for what it hides of the lowers, first in each
 * directory and never for a name that is in the layer too.
 */

struct error;
struct layer_write;
struct lowers;

int changes_write(int upperfd, const struct lowers *lowers, struct layer_write *writer,
		  struct error *err);
