/* SPDX-License-Identifier: Apache-2.0 */
#include "container/gc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/log.h"
#include "container/delete.h"
#include "container/gc_parts.h"
#include "container/record.h"
#include "container/recorded.h"
#include "container/status.h"
#include "kernel/cgroup.h"

static const char was_interrupted[] = "its creation was interrupted";

bool gc_is_dry(const struct gc_run *run)
{
	return (run->request->flags & GC_DRY_RUN) != 0;
}

void gc_say(const struct gc_run *run, const struct gc_item *item)
{
	run->request->tell(run->request->context, item);
}

void gc_fail(struct gc_run *run, const struct error *err)
{
	run->failures++;
	log_warning("%s", err->text);
}

static void keep(const struct gc_run *run, const char *id, const char *reason)
{
	gc_say(run, &(struct gc_item){ GC_KEEP, "container", id, reason, { NULL } });
}

/* Where the record is ahead of the cgroup, one with processes is a stranger's and stays:
 * cgroup_remove_unused(). */
static bool has_cgroup(const struct record *record, struct arena *arena)
{
	struct cgroup cgroup;
	struct error ignored;
	bool found;

	if (record->cgroup_path == NULL ||
	    cgroup_find(&cgroup, arena, record->cgroup_path, &ignored) < 0)
		return false;
	if (record->cgroup_is_delegated)
		cgroup_delegate(&cgroup);
	if (record->cgroup_planned && cgroup_check(&cgroup, NULL, &ignored) < 0)
		return false;
	found = cgroup.unified_found;
	for (size_t i = 0; i < cgroup.hierarchies_count; i++)
		found = found || cgroup.hierarchies[i].found;
	return found;
}

static bool is_there(int dirfd, const char *path)
{
	return path != NULL && faccessat(dirfd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* What of all that is on record is there. */
static void list_things(const struct gc_run *run, const struct record *record,
			int entryfd, struct arena *arena, const char **things)
{
	static const char socket[] = "notify/notify.sock";
	auto_close int pidfd = recorded_process(record);

	if (pidfd >= 0)
		*things++ = arena_format(arena, "process %d", record->pid);
	if (has_cgroup(record, arena))
		*things++ =
			record->unit != NULL
				? arena_format(arena, "unit '%s'", record->unit)
				: arena_format(arena, "cgroup '%s'", record->cgroup_path);
	if (record->rdt.made)
		*things++ = arena_format(arena, "class '%s'", record->rdt.group);
	if (is_there(AT_FDCWD, record->data_directory))
		*things++ = arena_format(arena, "layers '%s'", record->data_directory);
	if (is_there(AT_FDCWD, record->upper_claim))
		*things++ = arena_format(arena, "claim '%s'", record->upper_claim);
	if (is_there(entryfd, socket))
		*things++ = arena_format(arena, "socket '%s/%s/%s'", run->registry.path,
					 record->id, socket);
	*things = NULL;
}

static void remove_recorded(struct gc_run *run, const struct record *record, int entryfd,
			    const char *reason)
{
	auto_arena struct arena arena = { 0 };
	struct gc_item item = { GC_REMOVE, "container", record->id, reason, { NULL } };
	struct error err;

	list_things(run, record, entryfd, &arena, item.things);
	if (!gc_is_dry(run) &&
	    delete_recorded(&run->registry, entryfd, record, &err) < 0) {
		(void)error_prefix(&err, "cannot remove container '%s'", record->id);
		gc_fail(run, &err);
		return;
	}
	gc_say(run, &item);
}

/* It got to wait for `start`, or to run, and the process that was on record by then has
 * ended. A start time of 0: it had ended before it was looked at. */
static bool is_interrupted(int entryfd, const struct record *record)
{
	return record->pid == 0 || record->start_time == 0 ||
	       faccessat(entryfd, "start.new", F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void judge_recorded(struct gc_run *run, const struct record *record, int entryfd)
{
	enum status status;
	struct error err;

	if (is_interrupted(entryfd, record)) {
		remove_recorded(run, record, entryfd, was_interrupted);
	} else if (status_find(entryfd, record, &status, &err) < 0) {
		(void)error_prefix(&err, "cannot tell of container '%s'", record->id);
		gc_fail(run, &err);
	} else if (status != STATUS_STOPPED) {
		return;
	} else if (record->deleted_at_end || (run->request->flags & GC_STOPPED) != 0) {
		remove_recorded(run, record, entryfd, "it has ended");
	} else {
		keep(run, record->id, "it has ended, 'gc --stopped' removes it");
	}
}

/* As registry_reserve() makes it, so that a directory of somebody else's stays even where
 * it is empty. */
static bool is_reserved(int entryfd)
{
	int fd = openat(entryfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_dir DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	struct stat status;

	if (directory == NULL || fstat(entryfd, &status) < 0 ||
	    status.st_uid != geteuid() || (status.st_mode & 07777 & ~0711U) != 0)
		return false;
	while ((entry = readdir(directory)) != NULL) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
		    strcmp(entry->d_name, "state.json.new") != 0)
			return false;
	}
	return true;
}

static void judge_unrecorded(struct gc_run *run, const char *id, int entryfd)
{
	struct error err;

	if (!is_reserved(entryfd))
		return;
	if (!gc_is_dry(run) &&
	    registry_remove_unrecorded(&run->registry, id, entryfd, &err) < 0) {
		gc_fail(run, &err);
		return;
	}
	gc_say(run, &(struct gc_item){
			    GC_REMOVE, "container", id, was_interrupted, { NULL } });
}

static void judge(struct gc_run *run, const char *id)
{
	auto_arena struct arena arena = { 0 };
	struct error err;
	auto_close int entryfd = registry_lock_soon(&run->registry, id, &err);
	struct record record;

	if (entryfd < 0 && err.code == EWOULDBLOCK)
		keep(run, id, "another minirun is at work on it");
	else if (entryfd < 0 && (err.code == ENOENT || err.code == ENOTDIR))
		return; /* gone meanwhile, or a file of somebody else's */
	else if (entryfd < 0)
		gc_fail(run, &err);
	else if (registry_load(entryfd, &record, &arena, &err) == 0)
		judge_recorded(run, &record, entryfd);
	else if (err.code == ENOENT)
		judge_unrecorded(run, id, entryfd);
	else {
		(void)error_prefix(&err, "cannot tell of container '%s'", id);
		gc_fail(run, &err);
	}
}

static int judge_all(struct gc_run *run, struct error *err)
{
	auto_arena struct arena arena = { 0 };
	char **ids;

	if (registry_open(&run->registry, run->request->root, 0, err) < 0 ||
	    registry_list(&run->registry, &arena, &ids, err) < 0)
		return -1;
	for (; *ids != NULL; ids++)
		judge(run, *ids);
	return 0;
}

int gc(const struct gc_request *request, struct error *err)
{
	struct gc_run run = { .request = request, .registry = { .fd = -1 } };
	int result = judge_all(&run, err);

	if (result == 0) {
		gc_directories(&run);
		gc_scratch(&run);
		gc_claims(&run);
	}
	if (run.registry.fd >= 0)
		(void)close(run.registry.fd);
	if (result == 0 && run.failures > 0)
		return error_set(err, 0, "not all could be looked at or removed");
	return result;
}
