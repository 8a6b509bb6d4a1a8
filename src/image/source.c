/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "container/registry.h"
#include "container/status.h"
#include "image/source.h"

/* A directory that is another one now would be read as if it were the container's. */
static int check_directory(const struct record_directory *directory, struct error *err)
{
	struct stat status;

	if (directory->path == NULL)
		return 0;
	if (stat(directory->path, &status) < 0)
		return error_set(err, errno, "cannot find '%s'", directory->path);
	if (status.st_dev != directory->device || status.st_ino != directory->inode)
		return error_set(err, 0,
				 "'%s' has been replaced since the container was created",
				 directory->path);
	return 0;
}

static int check_layers(const struct record *record, struct error *err)
{
	if (check_directory(&record->upper, err) < 0 ||
	    check_directory(&record->work, err) < 0)
		return -1;
	for (size_t i = 0; i < record->lowers_count; i++) {
		if (check_directory(&record->lowers[i], err) < 0)
			return -1;
	}
	return 0;
}

static int check(struct source *source, enum source_flags flags, struct error *err)
{
	const struct record *record = &source->record;
	enum status status;

	if (status_find(source->entryfd, record, &status, err) < 0)
		return -1;
	if (status == STATUS_CREATING)
		return error_set(err, 0, "container '%s' is being created", record->id);
	if ((flags & SOURCE_CHANGES) && record->lowers_count == 0)
		return error_set(
			err, 0,
			"container '%s' has no overlay root, so nothing tells what "
			"it changed",
			record->id);
	/* It may be another commit that paused it, and soon thaws it. */
	source->hold = (status == STATUS_RUNNING || status == STATUS_PAUSED) &&
		       !(flags & SOURCE_NO_PAUSE);
	if (source->hold && record->cgroup_path == NULL) {
		(void)error_set(err, 0,
				"container '%s' runs without a cgroup and cannot be "
				"held still",
				record->id);
		return error_hint(err, "stop it, or use --no-pause");
	}
	if (source_ids_read(source, err) < 0)
		return -1;
	return check_layers(record, err);
}

int source_open(struct source *source, const char *root, const char *id,
		enum source_flags flags, struct error *err)
{
	struct registry registry;

	if (registry_open(&registry, root, 0, err) < 0)
		return -1;
	source->entryfd = registry_find(&registry, id, err);
	if (source->entryfd < 0 ||
	    registry_load(source->entryfd, &source->record, &source->arena, err) < 0)
		return -1;
	return check(source, flags, err);
}

int source_freeze(struct source *source, struct error *err)
{
	return source->hold ? freeze_apply(&source->freeze, source->entryfd,
					   &source->record, err)
			    : 0;
}

void source_thaw(struct source *source)
{
	freeze_release(&source->freeze);
}

void source_release(struct source *source)
{
	source_thaw(source);
	if (source->entryfd >= 0)
		(void)close(source->entryfd);
	if (source->ids.namespace >= 0)
		(void)close(source->ids.namespace);
	bundle_release(&source->bundle);
	arena_release(&source->arena);
}
