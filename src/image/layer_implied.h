/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* layer_implied - directories of a layer that its tar does not name: they are those of
 * the layers below, with their attributes, as when the tar is applied over them. */

#include "image/lowers.h"

struct error;

/* Their paths, NULL at the end. What is no directory below, or not there, stays as it is.
 */
int layer_implied_copy(int rootfd, char *const *implied, const struct lowers *below,
		       struct error *err);
