/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store - the layer store, DATA_ROOT/layers (container/layers.h), as it is found: the
 * layers, what is on record of each, and who uses it.
 *
 * A container uses a layer when its record has the directory among its lowers, by device
 * and inode. Looked at are the containers that have changes below DATA_ROOT, of whatever
 * ROOT, and all those of the ROOT that is given. While the store is open, no container
 * comes to use a layer without being seen: who creates one shares a lock on
 * DATA_ROOT/containers until its record says so.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "image/store_record.h"

struct error;
struct record;

struct store_layer {
	const char *name; /* 64 digits */
	const char *path; /* absolute */
	uint64_t device, inode;
	struct store_record record;
	const char **users; /* ROOT/ID, in the order in which they were found */
	size_t users_count, users_room;
};

struct store {
	struct arena arena;
	const char *data_root;
	int fd;                     /* DATA_ROOT/layers; -1: there is none */
	int containers;             /* DATA_ROOT/containers, locked; -1: there is none */
	struct store_layer *layers; /* in the order of their names */
	size_t count;
};

enum store_lock {
	STORE_SHARED, /* layers stay */
	STORE_ALONE,  /* and nobody is about to use one */
};

#define auto_store __attribute__((cleanup(store_release)))
#define STORE_NONE                         \
	{                                  \
		.fd = -1, .containers = -1 \
	}

/* *store is STORE_NONE before; root, data_root: absolute, borrowed. */
int store_open(struct store *store, const char *root, const char *data_root,
	       enum store_lock lock, struct error *err);

/* The only layer whose name begins so, with or without "sha256:" before it. */
struct store_layer *store_find(const struct store *store, const char *name,
			       struct error *err);

/* Others may create again. */
void store_unlock(struct store *store);
void store_release(struct store *store);

/* store_users.c: fills the users of all layers. */
int store_users_find(struct store *store, const char *root, struct error *err);
