/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * record - what minirun knows of a container between two calls: ROOT/ID/state.json.
 *
 * Written ahead: it names the cgroup, the directories and the upper before they are made,
 * so that whoever comes after a kill -9 knows what to remove. All strings live in the
 * arena that it was read into, or belong to the caller who filled it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "kernel/intel_rdt.h"

struct arena;
struct error;
struct json;
struct text;

/* A layer directory and what it was when the container was made. */
struct record_directory {
	const char *path; /* absolute; NULL: none */
	uint64_t device, inode;
};

struct record {
	const char *oci_version;
	const char *id, *bundle, *rootfs; /* absolute paths */
	const char *created;              /* RFC 3339, UTC, nanoseconds */
	uid_t owner;                      /* who called create */
	pid_t pid;                      /* of the container process; 0: not cloned yet */
	uint64_t start_time;            /* process_start_time() of it */
	const char *cgroup_path;        /* NULL with --cgroup-manager disabled */
	size_t cgroup_components_found; /* struct cgroup */
	bool cgroup_is_delegated;       /* struct cgroup */
	const char *unit, *bus;         /* systemd.h; NULL: minirun makes the cgroup */
	bool has_user_namespace;        /* so the ids of its upper are not the image's */
	bool has_hooks;                 /* for `start` and `delete` to look for */
	bool cgroup_planned;            /* not made yet: what is in it is not ours */
	bool no_new_keyring;            /* its processes have their caller's */
	bool deleted_at_end;            /* by the `run` that waits for it */
	struct intel_rdt rdt;           /* without `root` */
	/* DATA_ROOT/containers/ID-HASH, made by layers_prepare() and removed with the
	 * container; NULL: the container needs none. */
	const char *data_directory;
	const char *upper_claim;               /* layers.h; NULL: the upper is our own */
	const struct record_directory *lowers; /* topmost first, without the init layer */
	size_t lowers_count;
	struct record_directory upper, work;
	const struct json *annotations; /* an object of strings, or NULL */
};

void record_write(const struct record *record, struct text *text);

/* Fills *record from the document; tolerant of members it does not know. */
int record_read(struct record *record, struct arena *arena, const struct text *text,
		struct error *err);
