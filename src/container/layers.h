/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * layers - root.overlay: where the lower layers, upper, work and init layer of a
 * container live, and how they become its root.
 *
 *	DATA_ROOT/containers/ID-HASH/   the container's own: upper, work, init, scratch
 *	                                (HASH is of ROOT, so that two ROOTs do not meet)
 *	DATA_ROOT/containers/ID-HASH/container   link to ROOT/ID, whose record tells which
 *	                                layers it uses
 *	DATA_ROOT/layers/sha256/HEX/    an unpacked tar, shared, never written again
 *	DATA_ROOT/layers/scratch/NAME/  layers_scratch.h
 *	DATA_ROOT/layers/tars/NAME      link from a tar's device, inode, size, mtime and
 *	                                ctime to that
 *	CLAIMS/DEVICE-INODE             link that claims a user's upper for ROOT/ID: one
 *	                                place for all ROOTs and data roots
 *
 * The init layer is the topmost lower: mount points that the image lacks are made there
 * at the place where the assembled tree resolves them, never in the upper, so that the
 * upper holds exactly what the container changed.
 */

#include <stdbool.h>

struct arena;
struct config;
struct error;
struct record;

struct layers;

/* What layers need to know of the container. */
struct layers_request {
	const struct config *config;
	const char *bundle_path;
	const char *root, *data_root; /* absolute; data_root need not exist */
	const char *claims;           /* absolute; need not exist */
	const char *id;
	bool notify; /* it has a socket of notify.h */
	/* That of the container, -1: none. The layers keep the ids that the image has,
	 * and are mapped when they are mounted; what the container writes has the host's.
	 */
	int user_namespace;
};

/*
 * Whether it can be done; touches nothing. At most 500 lowers, each a directory or a
 * file; upper and work both or neither, directories on a file system that can carry them,
 * not below each other nor a lower, nor in use, in or around them, by a container.
 * err->where is "root.overlay…".
 */
int layers_check(const struct layers_request *request, struct error *err);

/* Write-ahead: fills data_directory and upper_claim (and the user's upper and work) of
 * *record. Makes nothing. */
int layers_plan(const struct layers_request *request, struct arena *arena,
		struct record *record, struct error *err);

/*
 * After the record was saved: makes the directories, unpacks tars that are not in the
 * store (minirun-image layer), claims the upper ("upper 'U' is in use by container
 * 'ID'"), and fills lowers, upper, work of *record. *layers lives in the arena and refers
 * to *record.
 */
int layers_prepare(const struct layers_request *request, struct arena *arena,
		   struct record *record, struct layers **layers, struct error *err);

/*
 * Once *record is saved as layers_prepare() filled it. Between the two a lock on
 * DATA_ROOT/containers is shared by all who create; who removes layers takes it alone,
 * so that he sees each layer in use on record, or before it is looked for.
 */
void layers_settle(struct layers *layers);

/*
 * In the child, in its own mount namespace: the assembled root as a detached mount,
 * owned. Makes the init layer where a mount point, the working directory or (where
 * nothing is mounted on /dev) a device is missing.
 */
int layers_mount(const struct layers *layers, const struct layers_request *request,
		 struct error *err);

/* What the container owned goes: data_directory and the claim. Done already is success.
 */
int layers_remove(const struct record *record, struct error *err);

/*
 * The same, and where an ordinary user may not remove what the ids of the container own,
 * by a process in a user namespace that has them. entryfd: ROOT/ID, whose config.json
 * tells which.
 */
int layers_remove_all(const struct record *record, int entryfd, struct error *err);
