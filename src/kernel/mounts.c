/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/filesystem.h"
#include "base/path.h"
#include "kernel/labels.h"
#include "kernel/mounts.h"
#include "kernel/mounts_list.h"
#include "oci/config.h"

/* What lxcfs and its like lay over files of /proc; nothing else may be mounted there. */
static const char *const allowed_in_proc[] = {
	"/proc/cpuinfo",
	"/proc/diskstats",
	"/proc/loadavg",
	"/proc/meminfo",
	"/proc/slabinfo",
	"/proc/stat",
	"/proc/swaps",
	"/proc/uptime",
	"/proc/sys/kernel/ns_last_pid",
	"/proc/sys/crypto/fips_enabled",
	NULL,
};

/* Types that are known without asking the kernel. */
static const char *const common_types[] = {
	"cgroup", "cgroup2", "devpts", "mqueue", "overlay",
	"proc",   "sysfs",   "tmpfs",  NULL,
};

static bool is_in(const char *const *list, const char *text)
{
	for (; *list != NULL; list++) {
		if (strcmp(*list, text) == 0)
			return true;
	}
	return false;
}

static bool has_type(const struct config_mount *mount, const char *type)
{
	return mount->type != NULL && strcmp(mount->type, type) == 0;
}

static int read_one(struct mount *mount, const struct config_mount *from,
		    struct arena *arena, struct error *err)
{
	mount->from = from;
	mount->tree = -1;
	mount->destination = path_clean(arena, from->destination);
	if (strcmp(mount->destination, "/") == 0) {
		(void)error_set(err, 0, "'%s' is the root itself", from->destination);
		return error_at(err, "destination");
	}
	if (mount_options_parse(&mount->options, arena, from->options, err) < 0)
		return -1;
	mount->is_bind = mount->options.bind || has_type(from, "bind");
	if (!mount->is_bind &&
	    (mount->options.copy_symlink || mount->options.source_nofollow ||
	     mount->options.destination_nofollow))
		return error_set(err, 0,
				 "options 'copy-symlink', 'src-nofollow' and "
				 "'dest-nofollow' are for a bind mount");
	if (mount->is_bind && mount->options.data[0] != NULL)
		return error_set(err, 0, "option '%s' has no meaning for a bind mount",
				 mount->options.data[0]);
	return 0;
}

int mounts_read(struct mounts *mounts, const struct config *config, struct arena *arena,
		struct error *err)
{
	mounts->count = config->mounts_count;
	mounts->list = arena_alloc(arena, mounts->count + 1, sizeof(*mounts->list));
	for (size_t i = 0; i < mounts->count; i++) {
		struct mount *mount = &mounts->list[i];

		if (read_one(mount, &config->mounts[i], arena, err) < 0)
			return error_at(err, "mounts[%zu]", i);
		mount->label = labels_of_mounts(config, &mount->label_type);
	}
	return 0;
}

static int fail_at(struct error *err, const char *member)
{
	return error_at(err, "%s", member);
}

/* The root of a procfs, and not one of its directories: PROC_ROOT_INO of the kernel's
 * proc_ns.h. */
static bool is_procfs(int fd)
{
	struct statfs filesystem;
	struct stat status;

	return fstatfs(fd, &filesystem) == 0 && filesystem.f_type == PROC_SUPER_MAGIC &&
	       fstat(fd, &status) == 0 && status.st_ino == 1;
}

static bool follows_source(const struct mount *mount)
{
	return !mount->options.source_nofollow && !mount->options.copy_symlink;
}

static int look_at_source(const struct mount *mount, const char *source,
			  struct stat *status)
{
	return fstatat(AT_FDCWD, source, status,
		       follows_source(mount) ? 0 : AT_SYMLINK_NOFOLLOW);
}

const char *mount_read_link(int dirfd, const char *path, struct arena *arena)
{
	char link[PATH_MAX];
	ssize_t length = readlinkat(dirfd, path, link, sizeof(link));

	return length < 0 ? NULL : arena_text(arena, link, (size_t)length);
}

static int refuse_on_proc(struct error *err)
{
	(void)error_set(err, 0, "only a procfs may be mounted on /proc");
	return fail_at(err, "destination");
}

/* Anything but a procfs on /proc could fake what is written to and read from it
 * (CVE-2019-16884). */
static int check_proc(const struct mount *mount, const char *source, struct error *err)
{
	auto_close int fd = -1;

	if (!path_is_under(mount->destination, "/proc") ||
	    (mount->options.remount && !mount->is_bind))
		return 0;
	if (strcmp(mount->destination, "/proc") != 0) {
		if (is_in(allowed_in_proc, mount->destination))
			return 0;
		(void)error_set(err, 0, "'%s' is inside /proc", mount->destination);
		return fail_at(err, "destination");
	}
	if (!mount->is_bind)
		return has_type(mount->from, "proc") ? 0 : refuse_on_proc(err);
	fd = open(source, O_PATH | O_CLOEXEC | (follows_source(mount) ? 0 : O_NOFOLLOW));
	return fd >= 0 && is_procfs(fd) ? 0 : refuse_on_proc(err);
}

static int check_bind(const struct mount *mount, const char *source, struct error *err)
{
	struct stat status;

	if (source == NULL) {
		(void)error_set(err, 0, "a bind mount needs a source");
		return fail_at(err, "source");
	}
	if (look_at_source(mount, source, &status) < 0) {
		(void)error_set(err, errno, "cannot find '%s'", source);
		return fail_at(err, "source");
	}
	return check_proc(mount, source, err);
}

static int check_new(const struct mount *mount, struct error *err)
{
	const char *type = mount->from->type;
	auto_close int context = -1;

	if (type == NULL || type[0] == '\0') {
		(void)error_set(err, 0, "a mount that is no bind needs a type");
		return fail_at(err, "type");
	}
	if (mount->options.tmpcopyup && strcmp(type, "tmpfs") != 0)
		return error_set(err, 0, "option 'tmpcopyup' is for a tmpfs");
	if (!is_in(common_types, type)) {
		context = filesystem_open(type, err);
		if (context < 0)
			return fail_at(err, "type");
	}
	return check_proc(mount, NULL, err);
}

static int check_remount(const struct mount *mount, struct error *err)
{
	if (mount->options.data[0] == NULL)
		return 0;
	return error_set(err, 0, "a remount cannot change '%s' of the file system",
			 mount->options.data[0]);
}

/* The path of a bind's source, or NULL. */
static const char *source_path(const struct mount *mount, const char *bundle_path,
			       struct arena *arena)
{
	const char *source = mount->from->source;

	if (source == NULL || source[0] == '\0')
		return NULL;
	return path_join(arena, bundle_path, source);
}

int mounts_check(const struct config *config, const char *bundle_path, struct error *err)
{
	auto_arena struct arena arena = { 0 };
	struct mounts mounts;

	if (mounts_read(&mounts, config, &arena, err) < 0)
		return -1;
	for (size_t i = 0; i < mounts.count; i++) {
		const struct mount *mount = &mounts.list[i];
		int result;

		if (mount->is_bind)
			result = check_bind(mount,
					    source_path(mount, bundle_path, &arena), err);
		else if (mount->options.remount)
			result = check_remount(mount, err);
		else
			result = check_new(mount, err);
		if (result == 0)
			result = mount_check_ids(mount, config->linux_, &arena, err);
		if (result < 0)
			return error_at(err, "mounts[%zu]", i);
	}
	return 0;
}

static bool is_covered(const struct mount_point *points, size_t count, const char *path)
{
	for (size_t i = 0; i < count; i++) {
		if (path_is_under(path, points[i].path))
			return true;
	}
	return false;
}

struct mount_point *mounts_points(const struct config *config, const char *bundle_path,
				  struct arena *arena, size_t *count)
{
	struct mount_point *points =
		arena_alloc(arena, config->mounts_count + 1, sizeof(*points));
	struct error ignored; /* mounts_check() has passed */
	struct mounts mounts;
	struct stat status;
	size_t used = 0;

	if (mounts_read(&mounts, config, arena, &ignored) < 0)
		mounts.count = 0;
	for (size_t i = 0; i < mounts.count; i++) {
		const struct mount *mount = &mounts.list[i];
		const char *source = source_path(mount, bundle_path, arena);

		if ((mount->options.remount && !mount->is_bind) ||
		    is_covered(points, used, mount->destination))
			continue;
		points[used].path = mount->destination;
		points[used].is_file = mount->is_bind && source != NULL &&
				       look_at_source(mount, source, &status) == 0 &&
				       !S_ISDIR(status.st_mode);
		if (mount->options.copy_symlink && source != NULL)
			points[used].link = mount_read_link(AT_FDCWD, source, arena);
		points[used].is_final =
			mount->options.destination_nofollow || points[used].link != NULL;
		points[used].mode =
			mount_point_mode(mount, points[used].is_file ? S_IFREG : S_IFDIR);
		used++;
	}
	*count = used;
	return points;
}

static int set_attr(int tree, unsigned flags, struct mount_attr *attr, struct error *err)
{
	if (attr->attr_set == 0 && attr->attr_clr == 0 && attr->propagation == 0)
		return 0;
	if (mount_setattr(tree, "", AT_EMPTY_PATH | flags, attr, sizeof(*attr)) < 0)
		return error_set(err, errno, "cannot set the attributes");
	return 0;
}

static int set_attributes(const struct mount *mount, struct error *err)
{
	const struct mount_options *options = &mount->options;
	struct mount_attr top, all;

	(void)mount_options_attr(options, &top);
	(void)mount_options_recursive_attr(options, &all);
	if (!options->recursive_bind) { /* one mount: one call */
		top.attr_set = (top.attr_set & ~all.attr_clr) | all.attr_set;
		top.attr_clr = (top.attr_clr & ~all.attr_set) | all.attr_clr;
		all = (struct mount_attr){ 0 };
	}
	/* A clone starts as a peer of what it was cloned from: whatever the container
	 * mounts below it would appear on the host. */
	if (options->propagation == 0)
		(options->recursive_bind ? &all : &top)->propagation = MS_PRIVATE;
	else if (options->propagation_recursive && options->recursive_bind)
		all.propagation = options->propagation;
	else
		top.propagation = options->propagation;
	if (set_attr(mount->tree, 0, &top, err) < 0)
		return -1;
	return set_attr(mount->tree, AT_RECURSIVE, &all, err);
}

static int open_source(struct mount *mount, const char *source, struct arena *arena,
		       struct error *err)
{
	unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC;

	if (!follows_source(mount))
		flags |= AT_SYMLINK_NOFOLLOW;
	if (mount->options.recursive_bind)
		flags |= AT_RECURSIVE;
	mount->tree = open_tree(AT_FDCWD, source, flags);
	if (mount->tree < 0)
		return error_set(err, errno, "cannot open '%s'", source);
	/* The path may lead elsewhere than it did for check_proc(). */
	if (strcmp(mount->destination, "/proc") == 0 && !is_procfs(mount->tree))
		return refuse_on_proc(err);
	if (mount->options.copy_symlink)
		mount->link = mount_read_link(mount->tree, "", arena);
	if (mount->link != NULL) {
		(void)close(take_fd(&mount->tree));
		return 0;
	}
	if (set_attributes(mount, err) < 0)
		return error_prefix(err, "'%s'", source);
	return 0;
}

void mounts_close(struct mounts *mounts)
{
	for (size_t i = 0; i < mounts->count; i++) {
		if (mounts->list[i].tree >= 0)
			(void)close(take_fd(&mounts->list[i].tree));
	}
}

struct mounts *mounts_open(const struct config *config, const char *bundle_path, int user,
			   struct arena *arena, struct error *err)
{
	struct mounts *mounts = arena_alloc(arena, 1, sizeof(*mounts));

	if (mounts_read(mounts, config, arena, err) < 0)
		return NULL;
	for (size_t i = 0; i < mounts->count; i++) {
		struct mount *mount = &mounts->list[i];

		if (mount->is_bind &&
		    (open_source(mount, source_path(mount, bundle_path, arena), arena,
				 err) < 0 ||
		     mount_map_ids(mount, config->linux_, user, arena, err) < 0)) {
			(void)error_at(err, "mounts[%zu]", i);
			return NULL;
		}
	}
	return mounts;
}

bool mounts_bind_dev(const struct config *config)
{
	auto_arena struct arena arena = { 0 };
	struct error ignored; /* mounts_check() has passed */
	struct mounts mounts;

	if (mounts_read(&mounts, config, &arena, &ignored) < 0)
		return false;
	for (size_t i = 0; i < mounts.count; i++) {
		if (mounts.list[i].is_bind &&
		    strcmp(mounts.list[i].destination, "/dev") == 0)
			return true;
	}
	return false;
}
