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
#include "base/copy.h"
#include "base/error.h"
#include "base/path.h"
#include "container/layers.h"
#include "container/layers_parts.h"
#include "container/notify.h"
#include "container/record.h"
#include "kernel/devices.h"
#include "kernel/inside.h"
#include "kernel/labels.h"
#include "kernel/mounts.h"
#include "kernel/overlay.h"
#include "oci/config.h"

/* What has to be in the root before the first mount. */
struct wanted {
	struct mount_point *points;
	size_t count;
	bool devices; /* nothing is mounted on /dev */
};

static bool is_covered(const struct wanted *wanted, const char *path)
{
	for (size_t i = 0; i < wanted->count; i++) {
		if (path_is_under(path, wanted->points[i].path))
			return true;
	}
	return false;
}

static void find_wanted(struct wanted *wanted, const struct layers_request *request,
			struct arena *arena)
{
	const struct config *config = request->config;
	size_t count;
	struct mount_point *points =
		mounts_points(config, request->bundle_path, arena, &count);
	const char *cwd = path_clean(arena, config->process->cwd);

	/* Three more than the mounts: the console, the socket of notify.h and the
	 * working directory. */
	wanted->points = arena_alloc(arena, count + 3, sizeof(*points));
	for (size_t i = 0; i < count; i++)
		wanted->points[i] = points[i];
	wanted->count = count;
	wanted->devices = !is_covered(wanted, "/dev");
	if (wanted->devices && config->process->terminal &&
	    !is_covered(wanted, "/dev/console"))
		wanted->points[wanted->count++] = (struct mount_point){
			.path = "/dev/console", .is_file = true, .mode = 0600
		};
	if (request->notify && !is_covered(wanted, NOTIFY_PLACE))
		wanted->points[wanted->count++] =
			(struct mount_point){ .path = NOTIFY_PLACE, .mode = 0755 };
	if (cwd[1] != '\0' && !is_covered(wanted, cwd))
		wanted->points[wanted->count++] =
			(struct mount_point){ .path = cwd, .mode = 0755 };
}

static bool is_missing(int tree, const struct mount_point *point)
{
	auto_close int fd = inside_open(tree, point->path,
					point->is_final ? O_PATH | O_NOFOLLOW : O_PATH);

	return fd < 0 && errno == ENOENT;
}

static int open_directory(int dirfd, const char *name)
{
	return openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int make_point(int dirfd, const char *rest, const struct mount_point *point,
		      struct error *err)
{
	auto_close int fd = -1;

	if (rest[0] == '\0')
		return 0;
	if (point->link != NULL)
		return inside_make_link(dirfd, rest, point->link, err);
	fd = point->is_file ? inside_make_file(dirfd, rest, point->mode, err)
			    : inside_make_directory(dirfd, rest, point->mode, err);
	return fd < 0 ? -1 : 0;
}

/* A mount point below a directory of the root. */
struct new_point {
	const char *above; /* the directory, links resolved, what is left of it to walk */
	const char *rest;  /* what to make in it */
	const struct mount_point *point;
};

/*
 * Makes in `to` the directories above, each like the one in `from` that it will cover:
 * the container must not see that it is another. The times come last, since what is made
 * inside changes them.
 */
static int make_below(int from, int to, struct new_point *new, struct error *err)
{
	const char *start = new->above + strspn(new->above, "/");
	size_t length = strcspn(start, "/");
	char name[NAME_MAX + 1];
	auto_close int next_from = -1, next_to = -1;
	bool is_new;

	if (length == 0)
		return make_point(to, new->rest, new->point, err);
	if (length > NAME_MAX)
		return error_set(err, ENAMETOOLONG, "cannot make a mount point");
	memcpy(name, start, length);
	name[length] = '\0';
	new->above = start + length;
	is_new = mkdirat(to, name, 0700) == 0;
	if (!is_new && errno != EEXIST)
		return error_set(err, errno, "cannot make '%s'", name);
	next_from = open_directory(from, name);
	next_to = open_directory(to, name);
	if (next_from < 0 || next_to < 0)
		return error_set(err, errno, "cannot open '%s'", name);
	if (is_new && copy_attributes(next_from, next_to, err) < 0)
		return error_prefix(err, "'%s'", name);
	if (make_below(next_from, next_to, new, err) < 0)
		return -1;
	return copy_times(next_from, next_to, err);
}

/* Where the descriptor is, seen from the root of its detached mount: proc(5). */
static int find_path(int fd, char path[PATH_MAX])
{
	char link[32];
	ssize_t length;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, path, PATH_MAX - 1);
	if (length < 0)
		return -1;
	path[length] = '\0';
	return 0;
}

/* Whether the first component of what is missing is there as a link that leads nowhere.
 */
static bool is_dangling(int dirfd, const char *rest)
{
	struct stat status;
	char name[NAME_MAX + 1];
	size_t length = strcspn(rest, "/");

	if (length == 0 || length > NAME_MAX)
		return false;
	memcpy(name, rest, length);
	name[length] = '\0';
	return fstatat(dirfd, name, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Makes the point in the init layer, at the place where the assembled tree resolves it.
 */
static int add_point(int tree, int init, const struct mount_point *point,
		     struct error *err)
{
	const char *path = point->path;
	char above[PATH_MAX];
	struct new_point new = { .above = above, .rest = path, .point = point };
	auto_close int deepest = inside_open_deepest(tree, path, &new.rest, err);

	if (deepest < 0)
		return -1;
	new.rest += strspn(new.rest, "/");
	if (is_dangling(deepest, new.rest))
		return error_set(err, 0, "cannot make '%s': a link in it leads nowhere",
				 path);
	if (find_path(deepest, above) < 0)
		return error_set(err, errno, "cannot find the place of '%s'", path);
	if (make_below(tree, init, &new, err) < 0)
		return error_prefix(err, "cannot make '%s'", path);
	return 0;
}

/* Those of the devices that lie in /dev; the others are not the init layer's. */
static struct config_linux devices_in_dev(const struct config_linux *linux_,
					  struct arena *arena)
{
	struct config_linux reduced = { 0 };
	struct config_device *list;

	if (linux_ == NULL)
		return reduced;
	list = arena_alloc(arena, linux_->devices_count + 1, sizeof(*list));
	for (size_t i = 0; i < linux_->devices_count; i++) {
		if (path_is_under(path_clean(arena, linux_->devices[i].path), "/dev"))
			list[reduced.devices_count++] = linux_->devices[i];
	}
	reduced.devices = list;
	return reduced;
}

/* A root without /dev gets no devices. */
static int add_devices(int tree, int init, const struct layers_request *request,
		       struct arena *arena, struct error *err)
{
	const struct config_linux reduced =
		devices_in_dev(request->config->linux_, arena);
	auto_close int seen = inside_open(tree, "/dev", O_PATH | O_DIRECTORY);
	auto_close int devfd = -1, readable = -1;
	const struct mount_point dev = { .path = "/dev", .mode = 0755 };
	char path[PATH_MAX] = "/dev";

	if (seen >= 0 && add_point(tree, init, &dev, err) < 0)
		return -1;
	if (seen >= 0 && find_path(seen, path) < 0)
		return error_set(err, errno, "cannot find the place of '/dev'");
	devfd = inside_open(init, path, O_RDONLY | O_DIRECTORY);
	if (devfd < 0)
		return 0;
	if (devices_apply(&reduced, init, devfd, DEVICES_MADE, err) < 0)
		return -1;
	readable = inside_open(tree, "/dev", O_RDONLY | O_DIRECTORY);
	return readable < 0 ? 0 : copy_times(readable, devfd, err);
}

static int fill_init(int tree, int init, const struct wanted *wanted,
		     const struct layers_request *request, struct error *err)
{
	auto_arena struct arena arena = { 0 };
	auto_close int root = open_directory(tree, ".");

	if (root < 0)
		return error_set(err, errno, "cannot open the assembled root");
	for (size_t i = 0; i < wanted->count; i++) {
		const struct mount_point *point = &wanted->points[i];

		if (is_missing(root, point) && add_point(root, init, point, err) < 0)
			return -1;
	}
	if (wanted->devices && add_devices(root, init, request, &arena, err) < 0)
		return -1;
	return copy_attributes(root, init, err);
}

static bool needs_init(int tree, const struct wanted *wanted)
{
	const struct mount_point dev = { .path = "/dev" };

	if (wanted->devices && !is_missing(tree, &dev))
		return true;
	for (size_t i = 0; i < wanted->count; i++) {
		if (is_missing(tree, &wanted->points[i]))
			return true;
	}
	return false;
}

static int make_init(const char *path, size_t count, struct error *err)
{
	int init;

	if (count == OVERLAY_LOWERS_MAX)
		return error_set(err, 0,
				 "a mount point is missing in the layers, and beside %d "
				 "there is no place for one with it",
				 OVERLAY_LOWERS_MAX);
	if (mkdir(path, 0755) < 0)
		return error_set(err, errno, "cannot make '%s'", path);
	init = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (init < 0)
		return error_set(err, errno, "cannot open '%s'", path);
	return init;
}

/* The descriptors live as long as the process, which is the payload soon. */
static int open_layers(const struct layers *layers, int user, struct overlay *overlay,
		       struct arena *arena, struct error *err)
{
	int *lowers = arena_alloc(arena, layers->count, sizeof(int));

	for (size_t i = 0; i < layers->count; i++) {
		lowers[i] = layers_open_again(&layers->lowers[i], err);
		if (lowers[i] < 0 ||
		    (user >= 0 && layers_map_ids(&lowers[i], user, err) < 0))
			return -1;
	}
	overlay->lowers = lowers;
	overlay->lowers_count = layers->count;
	overlay->upper = layers_open_again(layers->upper, err);
	if (overlay->upper < 0)
		return -1;
	overlay->work = layers_open_again(layers->work, err);
	if (overlay->work < 0)
		return -1;
	return user >= 0 && layers->upper_is_own
		       ? layers_own_upper(overlay->upper, lowers[0], err)
		       : 0;
}

/* Assembles it again with the init layer on top of the lowers. */
static int mount_with(int init, struct overlay *overlay, struct arena *arena,
		      struct error *err)
{
	int *lowers = arena_alloc(arena, overlay->lowers_count + 1, sizeof(int));

	lowers[0] = init;
	for (size_t i = 0; i < overlay->lowers_count; i++)
		lowers[i + 1] = overlay->lowers[i];
	overlay->lowers = lowers;
	overlay->lowers_count++;
	/* The mark of the first mount would refuse the second. */
	if (overlay->is_volatile && layers_volatile_forget(overlay->work, err) < 0)
		return -1;
	return overlay_open(overlay, err);
}

int layers_mount(const struct layers *layers, const struct layers_request *request,
		 struct error *err)
{
	struct overlay overlay = {
		.is_volatile = request->config->root->overlay->is_volatile,
	};
	auto_arena struct arena arena = { 0 };
	auto_close int tree = -1, init = -1;
	struct wanted wanted;

	overlay.label = labels_of_mounts(request->config, &overlay.label_type);
	if (open_layers(layers, request->user_namespace, &overlay, &arena, err) < 0)
		return -1;
	tree = overlay_open(&overlay, err);
	if (tree < 0)
		return -1;
	find_wanted(&wanted, request, &arena);
	if (!needs_init(tree, &wanted))
		return take_fd(&tree);
	init = make_init(arena_format(&arena, "%s/init", layers->data_directory),
			 layers->count, err);
	if (init < 0 || fill_init(tree, init, &wanted, request, err) < 0)
		return -1;
	if (request->user_namespace >= 0 && layers_own_init(init, request, err) < 0)
		return -1;
	/* An upper serves one mount at a time: the first goes before the second comes. */
	(void)close(tree);
	tree = -1;
	return mount_with(init, &overlay, &arena, err);
}
