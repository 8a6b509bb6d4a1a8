/* SPDX-License-Identifier: Apache-2.0 */
#include "container/layers.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/path.h"
#include "base/tree.h"
#include "container/layers_parts.h"
#include "container/record.h"
#include "oci/config.h"

void layers_root_hash(const char *root, size_t length, char hash[17])
{
	uint64_t sum = UINT64_C(0xcbf29ce484222325); /* FNV-1a */

	for (size_t i = 0; i < length; i++)
		sum = (sum ^ (unsigned char)root[i]) * UINT64_C(0x100000001b3);
	(void)snprintf(hash, 17, "%016" PRIx64, sum);
}

int layers_describe(int fd, struct record_directory *directory, struct error *err)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return error_set(err, errno, "cannot look at '%s'", directory->path);
	directory->device = status.st_dev;
	directory->inode = status.st_ino;
	return 0;
}

static int describe_path(struct record_directory *directory, struct error *err)
{
	auto_close int fd = open(directory->path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return error_set(err, errno, "cannot open '%s'", directory->path);
	return layers_describe(fd, directory, err);
}

int layers_plan(const struct layers_request *request, struct arena *arena,
		struct record *record, struct error *err)
{
	const struct config_overlay *overlay = request->config->root->overlay;
	char hash[17];

	layers_root_hash(request->root, strlen(request->root), hash);
	record->data_directory = arena_format(arena, "%s/containers/%s-%s",
					      request->data_root, request->id, hash);
	if (overlay->upper == NULL)
		return 0;
	record->upper.path = path_join(arena, request->bundle_path, overlay->upper);
	record->work.path = path_join(arena, request->bundle_path, overlay->work);
	if (describe_path(&record->upper, err) < 0)
		return error_at(err, "root.overlay.upper");
	if (describe_path(&record->work, err) < 0)
		return error_at(err, "root.overlay.work");
	record->upper_claim =
		arena_format(arena, "%s/%" PRIu64 "-%" PRIu64, request->claims,
			     record->upper.device, record->upper.inode);
	return 0;
}

int layers_open_again(const struct record_directory *directory, struct error *err)
{
	auto_close int fd = open(directory->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct record_directory found = { .path = directory->path };

	if (fd < 0)
		return error_set(err, errno, "cannot open '%s'", directory->path);
	if (layers_describe(fd, &found, err) < 0)
		return -1;
	if (found.device != directory->device || found.inode != directory->inode)
		return error_set(err, 0, "'%s' was replaced meanwhile", directory->path);
	return take_fd(&fd);
}

/* So that who looks from the layers' side finds the containers of every ROOT. */
static int link_container(const struct layers_request *request, int data,
			  struct arena *arena, struct error *err)
{
	const char *container = arena_format(arena, "%s/%s", request->root, request->id);

	if (symlinkat(container, data, LAYERS_CONTAINER_LINK) < 0)
		return error_set(err, errno, "cannot make the link to '%s'", container);
	return 0;
}

/* An empty directory of our own, which only we may enter: files in the upper keep their
 * set-user-ID bits. What bears the name was left by a container whose ROOT is gone, as
 * after a reboot. *lock: of all such directories, shared. */
static int make_data(const char *path, int *lock, struct error *err)
{
	const char *name = strrchr(path, '/') + 1;
	auto_free char *parent = strndup(path, (size_t)(name - path));
	auto_close int parentfd = -1;
	int fd, result;

	if (parent == NULL)
		return error_set(err, errno, "cannot make '%s'", path);
	parentfd = tree_make(AT_FDCWD, parent, err);
	if (parentfd < 0)
		return -1;
	if (flock(parentfd, LOCK_SH) < 0)
		return error_set(err, errno, "cannot lock '%s'", parent);
	result = mkdirat(parentfd, name, 0700);
	if (result < 0 && errno == EEXIST) {
		if (tree_remove(parentfd, name, err) < 0)
			return -1;
		result = mkdirat(parentfd, name, 0700);
	}
	if (result < 0)
		return error_set(err, errno, "cannot make '%s'", path);
	fd = openat(parentfd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return error_set(err, errno, "cannot open '%s'", path);
	*lock = take_fd(&parentfd);
	return fd;
}

/* The directory of a lower: itself, or what its tar was unpacked to. */
static int find_lower(const struct layers_request *request, const char *data,
		      const char *lower, struct record_directory *directory,
		      struct arena *arena, struct error *err)
{
	directory->path = path_join(arena, request->bundle_path, lower);
	if (describe_path(directory, err) == 0)
		return 0;
	if (err->code != ENOTDIR)
		return -1;
	directory->path = layers_store_find(request, data, directory->path, arena, err);
	return directory->path == NULL ? -1 : describe_path(directory, err);
}

static int find_lowers(const struct layers_request *request, struct arena *arena,
		       struct record *record, struct error *err)
{
	char **lower = request->config->root->overlay->lower;
	struct record_directory *directories;
	size_t count = 0;

	while (lower[count] != NULL)
		count++;
	directories = arena_alloc(arena, count, sizeof(*directories));
	for (size_t i = 0; i < count; i++) {
		if (find_lower(request, record->data_directory, lower[i], &directories[i],
			       arena, err) < 0)
			return error_at(err, "root.overlay.lower[%zu]", i);
	}
	record->lowers = directories;
	record->lowers_count = count;
	return 0;
}

int layers_prepare(const struct layers_request *request, struct arena *arena,
		   struct record *record, struct layers **layers, struct error *err)
{
	auto_close int lock = -1;
	auto_close int data = make_data(record->data_directory, &lock, err);
	int result;

	if (data < 0 || link_container(request, data, arena, err) < 0 ||
	    find_lowers(request, arena, record, err) < 0)
		return -1;
	result = request->config->root->overlay->upper != NULL
			 ? layers_upper_open(record, request, arena, err)
			 : layers_upper_make(record, data, arena, err);
	if (result < 0)
		return -1;
	*layers = arena_alloc(arena, 1, sizeof(**layers));
	**layers = (struct layers){
		.data_directory = record->data_directory,
		.lowers = record->lowers,
		.count = record->lowers_count,
		.upper = &record->upper,
		.work = &record->work,
		.upper_is_own = request->config->root->overlay->upper == NULL,
		.lock = take_fd(&lock),
	};
	return 0;
}

void layers_settle(struct layers *layers)
{
	if (layers->lock >= 0)
		(void)close(take_fd(&layers->lock));
}

/* What is left where the container wrote nothing goes without a look inside, which costs
 * three times as much. overlayfs makes the innermost. */
static void remove_empty(int parentfd, const char *name)
{
	static const char *const below[] = { "work/work", "work", "upper", "" };
	char path[NAME_MAX + 16];

	(void)snprintf(path, sizeof(path), "%s/" LAYERS_CONTAINER_LINK, name);
	(void)unlinkat(parentfd, path, 0);
	for (size_t i = 0; i < sizeof(below) / sizeof(below[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", name, below[i]);
		(void)unlinkat(parentfd, path, AT_REMOVEDIR);
	}
}

static int remove_data(const char *path, struct error *err)
{
	const char *name = strrchr(path, '/') + 1;
	auto_free char *parent = strndup(path, (size_t)(name - path));
	auto_close int parentfd = -1;

	if (parent != NULL)
		parentfd = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (parentfd < 0 && errno == ENOENT)
		return 0;
	if (parentfd < 0)
		return error_set(err, errno, "cannot open '%s'", path);
	remove_empty(parentfd, name);
	return tree_remove(parentfd, name, err);
}

int layers_remove(const struct record *record, struct error *err)
{
	if (record->data_directory == NULL || record->data_directory[0] != '/')
		return 0;
	if (record->upper_claim != NULL &&
	    layers_claim_drop(record->upper_claim, record->data_directory, err) < 0)
		return -1;
	return remove_data(record->data_directory, err);
}
