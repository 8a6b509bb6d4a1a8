/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/ancestry.h"
#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/tree.h"
#include "container/layers.h"
#include "container/layers_parts.h"
#include "container/record.h"
#include "container/recorded.h"
#include "container/registry.h"

/*
 * The kernel knows which upper and work are in use, and with index=off only warns
 * (ovl_report_in_use() in fs/overlayfs/super.c). So the claims tell which containers of
 * all ROOTs have an upper of the user's, and their records, where it is. A claim without
 * a record is of a container that was lost, by hand or by a reboot, and is nobody's.
 */

struct place {
	const char *member; /* of root.overlay */
	const struct record_directory *directory;
	struct ancestry above;
};

/* Where the changes of one container go. */
struct places {
	struct place list[2];
};

static void find_place(struct place *place, const char *member,
		       const struct record_directory *directory)
{
	auto_close int fd = -1;

	place->member = member;
	place->directory = directory;
	place->above.count = 0;
	if (directory->path != NULL)
		fd = open(directory->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	ancestry_find(fd, &place->above);
	/* Moved away, and another one made in its place. */
	if (!ancestry_has(&place->above, directory->device, directory->inode))
		place->above.count = 0;
}

static void find_places(struct places *places, const struct record *record)
{
	find_place(&places->list[0], "upper", &record->upper);
	find_place(&places->list[1], "work", &record->work);
}

static int compare_places(const struct place *mine, const struct place *theirs,
			  const char *id, struct error *err)
{
	const struct record_directory *my = mine->directory, *their = theirs->directory;

	if (my->device == their->device && my->inode == their->inode)
		return error_set(err, 0, "it is in use by container '%s'", id);
	if (ancestry_has(&mine->above, their->device, their->inode))
		return error_set(err, 0,
				 "it lies inside '%s', which is in use by container '%s'",
				 their->path, id);
	if (ancestry_has(&theirs->above, my->device, my->inode))
		return error_set(err, 0,
				 "'%s' lies inside it and is in use by container '%s'",
				 their->path, id);
	return 0;
}

static int compare(const struct places *mine, const struct places *theirs, const char *id,
		   struct error *err)
{
	for (size_t i = 0; i < 4; i++) {
		const struct place *place = &mine->list[i / 2];

		if (compare_places(place, &theirs->list[i % 2], id, err) == 0)
			continue;
		(void)error_prefix(err, "cannot use %s '%s'", place->member,
				   place->directory->path);
		return error_at(err, "root.overlay.%s", place->member);
	}
	return 0;
}

/* What is not seen in the list of containers that the user looks at. */
static int add_hint(const struct layers_request *request, const char *holder,
		    const struct record *record, struct error *err)
{
	size_t length = (size_t)(strrchr(holder, '/') - holder);
	auto_close int pidfd = recorded_process(record);

	if (strlen(request->root) != length ||
	    strncmp(holder, request->root, length) != 0)
		return error_hint(err, "of --root '%.*s'", (int)length, holder);
	if (record->pid != 0 && pidfd < 0)
		return error_hint(err, "which has ended, but was not deleted");
	return -1;
}

/* The record of ROOT/ID: 1, or 0 when there is none. */
static int load(const char *holder, struct record *record, struct arena *arena,
		struct error *err)
{
	auto_close int fd = open(holder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct error failed;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd < 0)
		return error_set(err, errno, "cannot open '%s'", holder);
	if (registry_load(fd, record, arena, &failed) == 0)
		return 1;
	if (failed.code == ENOENT)
		return 0;
	*err = failed;
	return error_prefix(err, "cannot tell which upper '%s' uses", holder);
}

enum tidy { KEEP_STALE, REMOVE_STALE };

struct scan {
	const struct layers_request *request;
	struct places places; /* of who asks */
	int claims;
	enum tidy tidy;
};

static int read_link(int dirfd, const char *name, char target[PATH_MAX])
{
	ssize_t length = readlinkat(dirfd, name, target, PATH_MAX - 1);

	if (length < 0)
		return -1;
	target[length] = '\0';
	return strrchr(target, '/') == NULL ? -1 : 0;
}

static bool is_own(const struct layers_request *request, const char *holder)
{
	size_t length = strlen(request->root);

	return strncmp(holder, request->root, length) == 0 && holder[length] == '/' &&
	       strcmp(holder + length + 1, request->id) == 0;
}

static int scan_claim(const struct scan *scan, const char *name, struct error *err)
{
	auto_arena struct arena arena = { 0 };
	struct places theirs;
	struct record record;
	char holder[PATH_MAX];
	int found;

	if (read_link(scan->claims, name, holder) < 0 || is_own(scan->request, holder))
		return 0;
	found = load(holder, &record, &arena, err);
	if (found == 0 && scan->tidy == REMOVE_STALE)
		(void)unlinkat(scan->claims, name, 0);
	if (found <= 0)
		return found;
	find_places(&theirs, &record);
	if (compare(&scan->places, &theirs, strrchr(holder, '/') + 1, err) == 0)
		return 0;
	return add_hint(scan->request, holder, &record, err);
}

/* All claims: what lies inside an upper cannot be looked up by the upper. They are as
 * many as there are containers with an upper of the user's. */
static int scan_claims(const struct scan *scan, struct error *err)
{
	auto_dir DIR *stream = NULL;
	struct dirent *entry;
	int fd = openat(scan->claims, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	stream = fd < 0 ? NULL : fdopendir(fd);
	if (stream == NULL)
		return error_set(err, errno, "cannot read '%s'", scan->request->claims);
	while ((entry = readdir(stream)) != NULL) {
		if (scan_claim(scan, entry->d_name, err) < 0)
			return -1;
	}
	return 0;
}

int layers_claim_check(const struct layers_request *request, const struct record *record,
		       struct error *err)
{
	auto_close int claims = open(request->claims, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct scan scan = { .request = request, .claims = claims };

	if (claims < 0 && errno == ENOENT)
		return 0;
	if (claims < 0)
		return error_set(err, errno, "cannot open '%s'", request->claims);
	find_places(&scan.places, record);
	return scan_claims(&scan, err);
}

int layers_claim_take(const struct layers_request *request, const struct record *record,
		      struct arena *arena, struct error *err)
{
	const char *container = arena_format(arena, "%s/%s", request->root, request->id);
	const char *name = strrchr(record->upper_claim, '/') + 1;
	auto_close int made = tree_make(AT_FDCWD, request->claims, err);
	auto_close int claims = -1;
	struct scan scan = { .request = request, .tidy = REMOVE_STALE };

	if (made < 0)
		return -1;
	/* Of two that start at once, one finds the claim of the other. */
	claims = openat(made, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (claims < 0 || flock(claims, LOCK_EX) < 0)
		return error_set(err, errno, "cannot lock '%s'", request->claims);
	scan.claims = claims;
	find_places(&scan.places, record);
	if (scan_claims(&scan, err) < 0)
		return -1;
	/* What still has the name is of a container that has another upper now. */
	if (unlinkat(claims, name, 0) < 0 && errno != ENOENT)
		return error_set(err, errno, "cannot replace '%s'", record->upper_claim);
	if (symlinkat(container, claims, name) < 0)
		return error_set(err, errno, "cannot make '%s'", record->upper_claim);
	return 0;
}

int layers_claim_is_stale(int claims, const char *name, char holder[PATH_MAX],
			  struct error *err)
{
	auto_arena struct arena arena = { 0 };
	struct record record;
	const char *claim;
	int found;

	if (read_link(claims, name, holder) < 0)
		return 0;
	found = load(holder, &record, &arena, err);
	if (found <= 0)
		return found < 0 ? -1 : 1;
	claim = record.upper_claim == NULL ? NULL : strrchr(record.upper_claim, '/');
	return claim == NULL || strcmp(claim + 1, name) != 0;
}

/* Whether ROOT/ID is the container whose data directory ends in ID-HASH. */
static bool is_holder(const char *holder, const char *data_directory)
{
	const char *id = strrchr(holder, '/');
	const char *name = strrchr(data_directory, '/');
	char hash[17];
	size_t length;

	if (name == NULL)
		return false;
	layers_root_hash(holder, (size_t)(id - holder), hash);
	length = strlen(++id);
	return strncmp(++name, id, length) == 0 && name[length] == '-' &&
	       strcmp(name + length + 1, hash) == 0;
}

int layers_claim_drop(const char *claim, const char *data_directory, struct error *err)
{
	char holder[PATH_MAX];

	errno = 0;
	if (read_link(AT_FDCWD, claim, holder) < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == 0
			       ? 0
			       : error_set(err, errno, "cannot read '%s'", claim);
	if (!is_holder(holder, data_directory))
		return 0;
	if (unlink(claim) < 0 && errno != ENOENT)
		return error_set(err, errno, "cannot remove '%s'", claim);
	return 0;
}
