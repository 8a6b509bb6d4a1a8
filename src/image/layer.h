/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * layer - the verb by which minirun has a tar unpacked into the layer store:
 *
 *	minirun-image layer --scratch DIR --store DIR TAR
 *
 * Unpacks below the scratch directory, which is the container's own and goes with it
 * when we are killed, then renames the whole layer to STORE/sha256/HEX, HEX being the
 * digest of the file, and prints that path. A layer that somebody else has put there
 * meanwhile is the same one, and stays. What went wrong is printed in the place of the
 * path.
 */

struct error;

/* argv[0] is the verb. */
int layer_verb(int argc, char **argv, struct error *err);
