/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/time.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "base/tree.h"
#include "container/record.h"
#include "container/registry.h"

enum {
	ID_MAX = 255, /* NAME_MAX: it names a directory */
	STATE_MAX = 16 * 1024 *
		    1024, /* bytes of state.json; its annotations are the user's */
};

static const char *const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				   "0123456789_+-";

int registry_check_id(const char *id, struct error *err)
{
	size_t length = strlen(id);
	size_t first = strspn(id, letters);

	if (length == 0)
		return error_set(err, 0, "container id must not be empty");
	if (length > ID_MAX)
		return error_set(err, 0, "container id is longer than %d bytes", ID_MAX);
	if (first > 0) {
		while (id[first] == '.')
			first += 1 + strspn(id + first + 1, letters);
	}
	if (first != length)
		return error_set(
			err, 0,
			"invalid container id '%s': letters, digits and _+-. are "
			"allowed, not beginning with a dot",
			id);
	return 0;
}

int registry_open(struct registry *registry, const char *root,
		  enum registry_open_flags flags, struct error *err)
{
	registry->path = root;
	registry->fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (registry->fd >= 0)
		return 0;
	if (errno != ENOENT)
		return error_set(err, errno, "cannot open '%s'", root);
	if (!(flags & REGISTRY_MAKE))
		return 0;
	registry->fd = tree_make(AT_FDCWD, root, err);
	return registry->fd < 0 ? -1 : 0;
}

static int open_entry(const struct registry *registry, const char *id)
{
	return openat(registry->fd, id, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

/* Whether the open directory still is ROOT/ID, 1 or 0: it may have been deleted while its
 * lock was waited for, and made again by somebody else. */
static int is_current(const struct registry *registry, const char *id, int entryfd,
		      struct error *err)
{
	struct stat named, opened;

	if (fstatat(registry->fd, id, &named, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0
				       : error_set(err, errno, "cannot look at '%s/%s'",
						   registry->path, id);
	if (fstat(entryfd, &opened) < 0)
		return error_set(err, errno, "cannot look at '%s/%s'", registry->path,
				 id);
	return named.st_ino == opened.st_ino && named.st_dev == opened.st_dev;
}

static int lock_entry(int entryfd)
{
	int result;

	do
		result = flock(entryfd, LOCK_EX);
	while (result < 0 && errno == EINTR);
	return result;
}

static void wake(int number)
{
	(void)number;
}

/* A second of it. flock(2) has no timeout, but a signal ends it: every second one, in
 * case the first comes before the call. */
static int lock_entry_soon(int entryfd)
{
	const struct sigaction action = { .sa_handler = wake };
	const struct itimerval never = { 0 },
			       seconds = { { .tv_sec = 1 }, { .tv_sec = 1 } };
	struct sigaction action_before;
	sigset_t alarm, blocked_before;
	int result, code;

	if (flock(entryfd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno != EWOULDBLOCK)
		return -1;
	(void)sigemptyset(&alarm);
	(void)sigaddset(&alarm, SIGALRM);
	(void)sigaction(SIGALRM, &action, &action_before);
	(void)sigprocmask(SIG_UNBLOCK, &alarm, &blocked_before);
	(void)setitimer(ITIMER_REAL, &seconds, NULL);
	result = flock(entryfd, LOCK_EX);
	code = errno == EINTR ? EWOULDBLOCK : errno;
	(void)setitimer(ITIMER_REAL, &never, NULL);
	(void)sigprocmask(SIG_SETMASK, &blocked_before, NULL);
	(void)sigaction(SIGALRM, &action_before, NULL);
	errno = code;
	return result;
}

static int not_there(const char *id, struct error *err)
{
	(void)error_set(err, 0, "container '%s' does not exist", id);
	err->code = ENOENT;
	return -1;
}

static int taken(const char *id, struct error *err)
{
	return error_set(err, 0, "container with id exists: %s", id);
}

int registry_check_free(const struct registry *registry, const char *id,
			struct error *err)
{
	if (registry->fd < 0)
		return 0;
	if (faccessat(registry->fd, id, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return taken(id, err);
	return errno == ENOENT ? 0
			       : error_set(err, errno, "cannot look at '%s/%s'",
					   registry->path, id);
}

/* *entryfd is the directory, owned and locked: 1. 0: somebody took it for the remains of
 * an interrupted `create` and removed it before it was locked. */
static int reserve(const struct registry *registry, const char *id, int *entryfd,
		   struct error *err)
{
	auto_close int fd = -1;
	int current;

	if (mkdirat(registry->fd, id, 0711) < 0) {
		if (errno == EEXIST)
			return taken(id, err);
		return error_set(err, errno, "cannot create '%s/%s'", registry->path, id);
	}
	fd = open_entry(registry, id);
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 || lock_entry(fd) < 0)
		current =
			error_set(err, errno, "cannot lock '%s/%s'", registry->path, id);
	else
		current = is_current(registry, id, fd, err);
	if (current > 0)
		*entryfd = take_fd(&fd);
	else if (current < 0)
		(void)unlinkat(registry->fd, id, AT_REMOVEDIR);
	return current;
}

int registry_reserve(const struct registry *registry, const char *id, struct error *err)
{
	int entryfd = -1, result;

	do
		result = reserve(registry, id, &entryfd, err);
	while (result == 0);
	return entryfd;
}

int registry_find(const struct registry *registry, const char *id, struct error *err)
{
	int fd;

	if (registry_check_id(id, err) < 0)
		return -1;
	if (registry->fd < 0)
		return not_there(id, err);
	fd = open_entry(registry, id);
	if (fd >= 0)
		return fd;
	if (errno == ENOENT)
		return not_there(id, err);
	return error_set(err, errno, "cannot open '%s/%s'", registry->path, id);
}

static int lock_found(const struct registry *registry, const char *id, int (*lock)(int),
		      struct error *err)
{
	auto_close int fd = registry_find(registry, id, err);
	int current;

	if (fd < 0)
		return -1;
	if (lock(fd) < 0)
		return error_set(err, errno, "cannot lock '%s/%s'", registry->path, id);
	current = is_current(registry, id, fd, err);
	if (current == 0)
		return not_there(id, err);
	return current < 0 ? -1 : take_fd(&fd);
}

int registry_lock(const struct registry *registry, const char *id, struct error *err)
{
	return lock_found(registry, id, lock_entry, err);
}

int registry_lock_soon(const struct registry *registry, const char *id, struct error *err)
{
	return lock_found(registry, id, lock_entry_soon, err);
}

int registry_load(int entryfd, struct record *record, struct arena *arena,
		  struct error *err)
{
	auto_text struct text text = { 0 };

	if (file_read(entryfd, "state.json", STATE_MAX, &text, err) < 0)
		return -1;
	return record_read(record, arena, &text, err);
}

int registry_save(int entryfd, const struct record *record, struct error *err)
{
	auto_text struct text text = { 0 };

	record_write(record, &text);
	return file_replace(entryfd, "state.json", &text, err);
}

/* The order: as long as state.json is there, somebody can find what is left. */
static const struct {
	const char *name;
	int flags;
} entry_files[] = {
	{ "start", 0 },
	{ "start.new", 0 },
	{ "answer", 0 },
	{ "config.json", 0 },
	{ "config.json.new", 0 },
	{ "state.json.new", 0 },
	{ "notify/notify.sock", 0 },
	{ "notify", AT_REMOVEDIR },
	{ "root", AT_REMOVEDIR },
	{ "state.json", 0 },
};

int registry_remove(const struct registry *registry, const char *id, int entryfd,
		    struct error *err)
{
	for (size_t i = 0; i < sizeof(entry_files) / sizeof(entry_files[0]); i++) {
		if (unlinkat(entryfd, entry_files[i].name, entry_files[i].flags) < 0 &&
		    errno != ENOENT)
			return error_set(err, errno, "cannot remove '%s/%s/%s'",
					 registry->path, id, entry_files[i].name);
	}
	if (unlinkat(registry->fd, id, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return error_set(err, errno, "cannot remove '%s/%s'", registry->path, id);
	return 0;
}

int registry_remove_unrecorded(const struct registry *registry, const char *id,
			       int entryfd, struct error *err)
{
	if (unlinkat(entryfd, "state.json.new", 0) < 0 && errno != ENOENT)
		return error_set(err, errno, "cannot remove '%s/%s/state.json.new'",
				 registry->path, id);
	if (unlinkat(registry->fd, id, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	if (errno == ENOTEMPTY || errno == EEXIST)
		return error_set(err, 0, "'%s/%s' is not the directory of a container",
				 registry->path, id);
	return error_set(err, errno, "cannot remove '%s/%s'", registry->path, id);
}

static int compare_ids(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

int registry_list(const struct registry *registry, struct arena *arena, char ***ids,
		  struct error *err)
{
	auto_dir DIR *directory = NULL;
	struct dirent *entry;
	struct error ignored;
	size_t count = 0, room = 0;
	char **list = NULL;

	if (registry->fd >= 0) {
		int fd = openat(registry->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		directory = fd < 0 ? NULL : fdopendir(fd);
		if (directory == NULL)
			return error_set(err, errno, "cannot read '%s'", registry->path);
	}
	while (directory != NULL && (entry = readdir(directory)) != NULL) {
		if (registry_check_id(entry->d_name, &ignored) < 0)
			continue;
		if (count == room) {
			char **more;

			room = 2 * room + 16;
			more = arena_alloc(arena, room, sizeof(*more));
			if (count > 0)
				memcpy(more, list, count * sizeof(*more));
			list = more;
		}
		list[count++] = arena_text(arena, entry->d_name, strlen(entry->d_name));
	}
	if (count > 0)
		qsort(list, count, sizeof(*list), compare_ids);
	*ids = arena_alloc(arena, count + 1, sizeof(**ids));
	if (count > 0)
		memcpy(*ids, list, count * sizeof(*list));
	return 0;
}
