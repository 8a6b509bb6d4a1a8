/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store_record - what the layer store knows of a layer beside its tree:
 * STORE/records/NAME, a JSON object, written when the layer is unpacked and before it has
 * its name.
 */

#include <stdint.h>

struct arena;
struct error;
struct tree_digest;

struct store_record {
	const char *unpacked; /* RFC 3339, UTC; NULL: there is no record */
	const char *tree;     /* tree_digest.h */
	uint64_t entries, size;
};

/* storefd: STORE; scratchfd: a directory of the caller's own on its file system. Two that
 * unpack the same at once write the same, and either is there whole. */
int store_record_write(int storefd, const char *name, const struct tree_digest *tree,
		       int scratchfd, struct error *err);

/* *record stays as it is where there is none. Its strings are in the arena. */
int store_record_read(int storefd, const char *name, struct store_record *record,
		      struct arena *arena, struct error *err);

void store_record_remove(int storefd, const char *name);
