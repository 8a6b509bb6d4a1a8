/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * tree_digest - what tells whether the tree of a layer is still the one that was
 * unpacked: the SHA-256 of it written as a tar by layer_write.h. Names, types, modes,
 * owners, times of change in seconds, attributes, targets, device numbers, links and
 * content count, whiteouts too; where the tree is and on which file system does not.
 */

#include <stdint.h>

#include "image/digest.h"

struct error;

struct tree_digest {
	char hex[DIGEST_HEX_SIZE];
	uint64_t entries, bytes; /* of that tar */
};

int tree_digest_take(int rootfd, struct tree_digest *tree, struct error *err);
