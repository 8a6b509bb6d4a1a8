/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * registry - the containers there are: ROOT/ID/, one directory each, locked by itself
 * (flock(2) on the directory), no index. In it: state.json (record.h), config.json (the
 * copy of the configuration), and while a created container waits to be started the FIFOs
 * start and answer (start.h).
 */

struct arena;
struct error;
struct record;
struct text;

struct registry {
	int fd;           /* ROOT; -1: it does not exist, and holds nothing */
	const char *path; /* absolute, as given */
};

/* The id a container may have: [A-Za-z0-9_+-][A-Za-z0-9_+.-]*, at most 255 bytes. Pure.
 */
int registry_check_id(const char *id, struct error *err);

enum registry_open_flags {
	REGISTRY_MAKE = 1, /* make ROOT (0711) where it is missing */
};

int registry_open(struct registry *registry, const char *root,
		  enum registry_open_flags flags, struct error *err);

/* Makes ROOT/ID and locks it. An owned descriptor, or -1: "container with id exists: ID"
 * (runc's words). */
int registry_reserve(const struct registry *registry, const char *id, struct error *err);

/* Whether the id is free; registry_reserve() has the last word. The message is its. */
int registry_check_free(const struct registry *registry, const char *id,
			struct error *err);

/* Opens ROOT/ID; an owned descriptor, or -1: "container 'ID' does not exist" (code
 * ENOENT). */
int registry_find(const struct registry *registry, const char *id, struct error *err);

/* The same and waits for its lock (by the one who creates, starts or deletes it). */
int registry_lock(const struct registry *registry, const char *id, struct error *err);

/* The same, but gives up after a second: EWOULDBLOCK in err->code. Uses SIGALRM. */
int registry_lock_soon(const struct registry *registry, const char *id,
		       struct error *err);

/* The record of an open entry. Absent, as after a kill -9 of create, is ENOENT in
 * err->code. */
int registry_load(int entryfd, struct record *record, struct arena *arena,
		  struct error *err);
int registry_save(int entryfd, const struct record *record, struct error *err);

/* Removes ROOT/ID with its known files; state.json goes last of them. */
int registry_remove(const struct registry *registry, const char *id, int entryfd,
		    struct error *err);

/* The same for an entry without state.json, as a kill -9 of create leaves it: nothing
 * else was made by then, and a directory with anything more in it is no container's. */
int registry_remove_unrecorded(const struct registry *registry, const char *id,
			       int entryfd, struct error *err);

/* The ids, sorted, NULL ends the list. */
int registry_list(const struct registry *registry, struct arena *arena, char ***ids,
		  struct error *err);
