/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * layers_scratch - DATA_ROOT/layers/scratch/NAME, where a layer is while it is unpacked:
 * of whoever holds its lock, which goes with the holder; what has none is waste.
 */

struct error;

/* The directory of them in DATA_ROOT/layers, made if need be, waste removed; owned. */
int layers_scratch_open(const char *store, struct error *err);

/* Makes the directory, waits for its lock, and empties it. Owned. */
int layers_scratch_take(int scratchfd, const char *name, struct error *err);

/* Removes it, and lets go of it. */
void layers_scratch_drop(int scratchfd, const char *name, int *fd);

enum layers_scratch_flags {
	LAYERS_SCRATCH_KEEP = 1, /* tell alone */
};

/* Removes the one of that name if nobody holds it: 1, or 0. */
int layers_scratch_sweep(int scratchfd, const char *name, enum layers_scratch_flags flags,
			 struct error *err);
