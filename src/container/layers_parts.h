/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* layers_parts - what the files of layers share. */

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct arena;
struct error;
struct layers_request;
struct record;
struct record_directory;

/*
 * Paths and what was found there, no descriptors: overlayfs takes directories only by
 * mounts of the caller's own mount namespace (clone_private_mount() in fs/namespace.c),
 * so that the child opens them again, and sees that they still are the same.
 */
struct layers {
	const char *data_directory;
	const struct record_directory *lowers; /* topmost first */
	size_t count;
	const struct record_directory *upper, *work;
	bool upper_is_own; /* made by us, rather than the user's */
	int lock;          /* until layers_settle(); -1 */
};

/* In a data directory: the link to ROOT/ID. */
#define LAYERS_CONTAINER_LINK "container"

/* The hash of ROOT in the name of a data directory; 16 digits. */
void layers_root_hash(const char *root, size_t length, char hash[17]);

/* layers_store.c: the directory that the tar was unpacked to, unpacked now if need be.
 * An absolute path in the arena, or NULL. */
const char *layers_store_find(const struct layers_request *request,
			      const char *data_directory, const char *tar,
			      struct arena *arena, struct error *err);

/* The same if it was unpacked before; NULL: it was not, or there is no such file. */
const char *layers_store_seen(const char *data_root, const char *tar,
			      struct arena *arena);

/* layers_claim.c: whether a container that still is, of whatever ROOT, uses upper or work
 * of *record (which layers_plan() filled), or a directory in or around them. */
int layers_claim_check(const struct layers_request *request, const struct record *record,
		       struct error *err);

/* The same, and makes the link upper_claim of *record to ROOT/ID; *record was saved. */
int layers_claim_take(const struct layers_request *request, const struct record *record,
		      struct arena *arena, struct error *err);

/* Whether the link `name` in the directory of claims belongs to no container: who it
 * leads to, `holder` then, has no record, or one with another claim. 1 or 0. Good while
 * the directory is locked. */
int layers_claim_is_stale(int claims, const char *name, char holder[PATH_MAX],
			  struct error *err);

/* Removes the link if it is that of the container whose data directory this is. */
int layers_claim_drop(const char *claim, const char *data_directory, struct error *err);

/* layers_upper.c: makes the container's own upper and work in `data`, the root of the
 * upper like that of the topmost layer, which the container would see otherwise. Fills
 * upper and work of *record. */
int layers_upper_make(struct record *record, int data, struct arena *arena,
		      struct error *err);

/* The same for those of the configuration; claims the upper. */
int layers_upper_open(struct record *record, const struct layers_request *request,
		      struct arena *arena, struct error *err);

/* Removes the mark that overlayfs leaves in the work directory of a volatile mount. */
int layers_volatile_forget(int work, struct error *err);

/* layers_trash.c: moves fromfd/name below DATA_ROOT/containers, `containers`, to the
 * trash of ROOT, whose hash that is: at once, and gc removes what a kill leaves there. */
int layers_trash_move(int containers, const char *hash, int fromfd, const char *name,
		      struct error *err);
/* Removes all that was moved there, by whomever. */
int layers_trash_remove(int containers, const char *hash, struct error *err);
/* Whether that is the name of the trash. */
bool layers_trash_is(const char *hash, const char *name);

/* layers_remove.c: removes dirfd/name, which a container had, as an ordinary user in a
 * user namespace that has all ids of the user's: those of the container are not known any
 * more.
 */
int layers_remove_trash(int dirfd, const char *name, struct error *err);

/* Device and inode of an open directory, to *directory. */
int layers_describe(int fd, struct record_directory *directory, struct error *err);

/* Opens a directory that was described (O_PATH); another one at its path is an error. */
int layers_open_again(const struct record_directory *directory, struct error *err);

/*
 * layers_ids.c: in the launcher, for a container with a user namespace.
 *
 * layers_check_ids: the ids of the container's root are known. layers_map_ids puts a
 * clone of the directory's mount in the place of the descriptor, its ids mapped.
 * layers_own_upper makes the container's own upper look like the topmost lower, which is
 * mapped. layers_own_init gives what we made in the init layer to the container's root.
 */
int layers_check_ids(const struct layers_request *request, struct error *err);
int layers_map_ids(int *fd, int user_namespace, struct error *err);
int layers_own_upper(int upper, int lower, struct error *err);
int layers_own_init(int init, const struct layers_request *request, struct error *err);
