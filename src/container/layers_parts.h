/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* layers_parts - what the files of layers share. */

#include <stddef.h>

struct arena;
struct error;
struct layers_request;

struct layers {
	int data;     /* the container's data directory */
	int *lowers;  /* topmost first; one place before the first is free, for init */
	size_t count; /* of lowers */
	int upper, work;
};

/* The hash of ROOT in the name of a data directory; 16 digits. */
void layers_root_hash(const char *root, size_t length, char hash[17]);

/* layers_store.c: the directory that the tar was unpacked to, unpacked now if need be.
 * An absolute path in the arena, or NULL. */
const char *layers_store_find(const struct layers_request *request,
			      const char *data_directory, const char *tar,
			      struct arena *arena, struct error *err);

/* layers_claim.c: makes the link DATA_ROOT/uppers/NAME to ROOT/ID, unless a container
 * that still is has it. upper: the directory, readable, locked meanwhile. */
int layers_claim_take(const char *claim, const char *container, int upper,
		      struct error *err);

/* Removes the link if it is that of the container whose data directory this is. */
int layers_claim_drop(const char *claim, const char *data_directory, struct error *err);

/* layers_upper.c: makes the container's own upper and work in data, the upper's root like
 * that of the topmost lower, which the container would see otherwise. */
int layers_upper_make(struct layers *layers, struct error *err);

/* Opens those of the configuration and claims the upper. */
int layers_upper_open(struct layers *layers, const struct layers_request *request,
		      const char *claim, struct arena *arena, struct error *err);
