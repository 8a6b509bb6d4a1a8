/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/tree.h"
#include "container/gc_parts.h"
#include "container/layers_parts.h"
#include "container/record.h"

struct sweep {
	struct gc_run *run;
	const char *path; /* DATA_ROOT/containers */
	int fd;
	char hash[17]; /* of ROOT */
};

/* Of another ROOT than ours nothing can be said, and what it made stays. ID-HASH. */
static char *id_of(const struct sweep *sweep, const char *name, struct arena *arena)
{
	size_t length = strlen(name), tail = strlen(sweep->hash);
	struct error ignored;
	char *id;

	if (length < tail + 2 || name[length - tail - 1] != '-' ||
	    strcmp(name + length - tail, sweep->hash) != 0)
		return NULL;
	id = arena_text(arena, name, length - tail - 1);
	return registry_check_id(id, &ignored) < 0 ? NULL : id;
}

/* The directory of ROOT with the lock of the id, held while the name is moved away. */
struct hold {
	int entryfd;
	bool is_made_up; /* by us: there is no such container */
};

/* Whether the container that has the id by now has another directory, or none. */
static int has_another(const char *path, int entryfd, struct error *err)
{
	auto_arena struct arena arena = { 0 };
	struct record record;

	if (registry_load(entryfd, &record, &arena, err) < 0)
		return err->code == ENOENT ? 0 : -1;
	return record.data_directory == NULL ||
	       !file_is_same(record.data_directory, path);
}

/* 1: the directory is nobody's, and nobody can make it again meanwhile, for that takes
 * the lock. 0: it is somebody's, or may be. */
static int hold(struct sweep *sweep, const char *id, const char *path, struct hold *hold,
		struct error *err)
{
	struct registry *registry = &sweep->run->registry;
	struct error ignored;

	hold->entryfd = registry_lock_soon(registry, id, err);
	if (hold->entryfd >= 0)
		return has_another(path, hold->entryfd, err);
	if (err->code == EWOULDBLOCK)
		return 0;
	if (err->code != ENOENT)
		return -1;
	if (gc_is_dry(sweep->run))
		return 1;
	if (registry->fd < 0 &&
	    registry_open(registry, registry->path, REGISTRY_MAKE, err) < 0)
		return -1;
	hold->entryfd = registry_reserve(registry, id, err);
	hold->is_made_up = hold->entryfd >= 0;
	if (hold->is_made_up)
		return 1;
	return registry_check_free(registry, id, &ignored) < 0 ? 0 : -1;
}

static int let_go(const struct sweep *sweep, const char *id, struct hold *hold,
		  struct error *err)
{
	int result = 0;

	if (hold->is_made_up)
		result = registry_remove_unrecorded(&sweep->run->registry, id,
						    hold->entryfd, err);
	if (hold->entryfd >= 0)
		(void)close(hold->entryfd);
	return result;
}

static int remove_orphan(struct sweep *sweep, const char *id, const char *name,
			 const char *path, struct error *err)
{
	struct hold held = { .entryfd = -1 };
	struct error second;
	int found = hold(sweep, id, path, &held, err);

	/* At once, since the id is taken until then: what is in it goes afterwards. */
	if (found > 0 && !gc_is_dry(sweep->run) &&
	    layers_trash_move(sweep->fd, sweep->hash, sweep->fd, name, err) < 0)
		found = error_prefix(err, "'%s'", sweep->path);
	if (let_go(sweep, id, &held, found < 0 ? &second : err) < 0)
		return -1;
	if (found > 0 && !gc_is_dry(sweep->run) &&
	    layers_trash_remove(sweep->fd, sweep->hash, err) < 0)
		return -1;
	return found;
}

static void look_at(struct sweep *sweep, const char *name)
{
	auto_arena struct arena arena = { 0 };
	const char *path = arena_format(&arena, "%s/%s", sweep->path, name);
	const char *id = id_of(sweep, name, &arena);
	struct gc_item item = { GC_REMOVE, "directory", path, NULL, { NULL } };
	struct error err;
	int found = 0;

	if (id != NULL) {
		item.reason = arena_format(&arena, "container '%s' is gone", id);
		found = remove_orphan(sweep, id, name, path, &err);
	} else if (layers_trash_is(sweep->hash, name)) {
		item.reason = "an earlier removal was interrupted";
		found = gc_is_dry(sweep->run) ||
					layers_trash_remove(sweep->fd, sweep->hash,
							    &err) == 0
				? 1
				: -1;
	}
	if (found > 0)
		gc_say(sweep->run, &item);
	if (found < 0) {
		(void)error_prefix(&err, "cannot remove '%s'", path);
		gc_fail(sweep->run, &err);
	}
}

void gc_directories(struct gc_run *run)
{
	auto_arena struct arena arena = { 0 };
	struct sweep sweep = {
		.run = run,
		.path = arena_format(&arena, "%s/containers", run->request->data_root),
	};
	auto_dir DIR *list = opendir(sweep.path);
	struct dirent *entry;
	struct error err;

	if (list == NULL && errno != ENOENT) {
		(void)error_set(&err, errno, "cannot read '%s'", sweep.path);
		gc_fail(run, &err);
	}
	if (list == NULL)
		return;
	sweep.fd = dirfd(list);
	layers_root_hash(run->registry.path, strlen(run->registry.path), sweep.hash);
	while ((entry = readdir(list)) != NULL)
		look_at(&sweep, entry->d_name);
}

static void look_at_claim(struct gc_run *run, int claims, const char *name)
{
	auto_arena struct arena arena = { 0 };
	const char *path = arena_format(&arena, "%s/%s", run->request->claims, name);
	struct gc_item item = { GC_REMOVE, "claim", path, NULL, { NULL } };
	char holder[PATH_MAX];
	struct error err;
	int found = layers_claim_is_stale(claims, name, holder, &err);

	if (found > 0 && !gc_is_dry(run) && unlinkat(claims, name, 0) < 0)
		found = error_set(&err, errno, "cannot remove '%s'", path);
	if (found < 0)
		gc_fail(run, &err);
	if (found <= 0)
		return;
	item.reason = arena_format(&arena, "container '%s' is gone", holder);
	gc_say(run, &item);
}

/* With the lock that claiming takes, so that none is being made meanwhile. */
void gc_claims(struct gc_run *run)
{
	auto_dir DIR *list = opendir(run->request->claims);
	struct dirent *entry;
	struct error err;

	if (list == NULL && errno == ENOENT)
		return;
	if (list == NULL || flock(dirfd(list), LOCK_EX) < 0) {
		(void)error_set(&err, errno, "cannot lock '%s'", run->request->claims);
		gc_fail(run, &err);
		return;
	}
	while ((entry = readdir(list)) != NULL)
		look_at_claim(run, dirfd(list), entry->d_name);
}
