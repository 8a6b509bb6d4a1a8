/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* tar_layer - a tar alone as a layer in the store, as a container has it that names the
 * tar: of the digest of the file, and known again. */

#include <stddef.h>

struct arena;
struct error;

/* The layer's directory, in the arena; *unpacked: 1 or, if it was there, 0. */
const char *tar_layer_unpack(const char *data_root, const char *tar, struct arena *arena,
			     size_t *unpacked, struct error *err);
