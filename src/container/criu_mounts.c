/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/path.h"
#include "base/protobuf.h"
#include "base/text.h"
#include "container/criu_mounts.h"
#include "container/criu_options.h"
#include "container/notify.h"
#include "kernel/cgroup.h"
#include "kernel/inside.h"
#include "kernel/mounts.h"
#include "oci/config.h"

/* ext_mount_map of rpc.proto: the place and the name in a dump, the name and the source
 * in a restore. */
enum { EXT_MOUNT_KEY = 1, EXT_MOUNT_VALUE = 2 };

/* What may be bound in /dev, kernel/devices. */
static const char *const default_devices[] = {
	"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty",
};

struct external {
	const char *name;   /* a path in the container, as the configuration has it */
	const char *source; /* on the host */
};

struct list {
	struct arena arena;
	struct external *items;
	size_t count, room;
};

#define auto_list __attribute__((cleanup(list_release)))

static void list_release(struct list *list)
{
	arena_release(&list->arena);
}

static void add(struct list *list, const char *name, const char *source)
{
	if (list->count == list->room) {
		struct external *more;

		list->room = 2 * list->room + 32;
		more = arena_alloc(&list->arena, list->room, sizeof(*more));
		if (list->count > 0)
			memcpy(more, list->items, list->count * sizeof(*more));
		list->items = more;
	}
	list->items[list->count++] = (struct external){ name, source };
}

/* The clones of the cgroup's own directories, kernel/cgroup_mount. */
static void add_cgroup(struct list *list, const struct cgroup *cgroup,
		       const struct config_mount *mount)
{
	const char *place = path_clean(&list->arena, mount->destination);
	struct cgroup_source sources[CGROUP_SOURCES_MAX];
	size_t count = cgroup_tree_sources(cgroup, mount->type, &list->arena, sources);

	for (size_t i = 0; i < count; i++)
		add(list,
		    sources[i].name == NULL
			    ? place
			    : arena_format(&list->arena, "%s/%s", place, sources[i].name),
		    sources[i].directory);
}

static bool is_cgroup(const struct config_mount *mount)
{
	return mount->type != NULL && (strcmp(mount->type, "cgroup") == 0 ||
				       strcmp(mount->type, "cgroup2") == 0);
}

static void list_all(struct list *list, const struct criu_mounts *mounts)
{
	const struct config *config = mounts->config;
	char **masked = config->linux_->masked_paths;
	size_t count;
	const struct mount_bind *binds =
		mounts_binds(config, mounts->bundle_path, &list->arena, &count);

	for (size_t i = 0; i < sizeof(default_devices) / sizeof(default_devices[0]); i++)
		add(list, default_devices[i], default_devices[i]);
	for (size_t i = 0; i < config->linux_->devices_count; i++)
		add(list, config->linux_->devices[i].path,
		    config->linux_->devices[i].path);
	for (size_t i = 0; masked != NULL && masked[i] != NULL; i++)
		add(list, masked[i], "/dev/null");
	for (size_t i = 0; i < config->mounts_count; i++) {
		if (is_cgroup(&config->mounts[i]))
			add_cgroup(list, mounts->cgroup, &config->mounts[i]);
	}
	add(list, NOTIFY_PLACE, mounts->notify);
	/* Last, since of two with one name criu takes the one that it hears of later. */
	for (size_t i = 0; i < count; i++)
		add(list, binds[i].destination, binds[i].source);
}

static void put(struct text *options, const char *key, const char *value)
{
	auto_text struct text mount = { 0 };

	protobuf_put_text(&mount, EXT_MOUNT_KEY, key);
	protobuf_put_text(&mount, EXT_MOUNT_VALUE, value);
	protobuf_put_message(options, CRIU_OPT_EXT_MNT, &mount);
}

/* Whether something of the host is mounted there. A masked directory is under a tmpfs,
 * which criu makes again. */
static bool is_external(int fd, const struct external *external)
{
	struct statx status;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_TYPE, &status) < 0 ||
	    !(status.stx_attributes & STATX_ATTR_MOUNT_ROOT))
		return false;
	return !S_ISDIR(status.stx_mode) || strcmp(external->source, "/dev/null") != 0;
}

/* The place in the mount table of the container: a name may be, or go through, a link. */
static void put_found(struct text *options, int root, const struct external *external)
{
	auto_close int fd = inside_open(root, external->name, O_PATH);
	char link[64], place[PATH_MAX];
	ssize_t length;

	if (fd < 0 || !is_external(fd, external))
		return;
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, place, sizeof(place) - 1);
	if (length <= 0)
		return;
	place[length] = '\0';
	put(options, place, external->name);
}

int criu_mounts_dump(const struct criu_mounts *mounts, pid_t pid, struct text *options,
		     struct error *err)
{
	auto_list struct list list = { 0 };
	auto_close int root = -1;
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/root", pid);
	root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return error_set(err, errno, "cannot open '%s'", path);
	list_all(&list, mounts);
	for (size_t i = 0; i < list.count; i++)
		put_found(options, root, &list.items[i]);
	return 0;
}

void criu_mounts_restore(const struct criu_mounts *mounts, struct text *options)
{
	auto_list struct list list = { 0 };

	list_all(&list, mounts);
	for (size_t i = 0; i < list.count; i++)
		put(options, list.items[i].name, list.items[i].source);
}
