/* SPDX-License-Identifier: Apache-2.0 */
#include "image/store.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/log.h"
#include "image/digest.h"
#include "image/walk.h"

static const char *const digest_prefix = "sha256:";

static bool is_name(const char *name)
{
	return strlen(name) == DIGEST_HEX_SIZE - 1 &&
	       strspn(name, "0123456789abcdef") == DIGEST_HEX_SIZE - 1;
}

static int open_directory(struct store *store, const char *name, int *fd,
			  struct error *err)
{
	const char *path = arena_format(&store->arena, "%s/%s", store->data_root, name);

	*fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *fd >= 0 || errno == ENOENT
		       ? 0
		       : error_set(err, errno, "cannot open '%s'", path);
}

static int lock_containers(const struct store *store, enum store_lock lock,
			   struct error *err)
{
	int result;

	do
		result =
			flock(store->containers, lock == STORE_ALONE ? LOCK_EX : LOCK_SH);
	while (result < 0 && errno == EINTR);
	return result == 0 ? 0
			   : error_set(err, errno, "cannot lock '%s/containers'",
				       store->data_root);
}

/* What is not on record can still be looked at, and removed. */
static void add_layer(struct store *store, int directory, const char *name)
{
	struct store_layer *layer = &store->layers[store->count];
	struct stat status;
	struct error err;

	if (!is_name(name) ||
	    fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !S_ISDIR(status.st_mode))
		return;
	layer->name = name;
	layer->path = arena_format(&store->arena, "%s/layers/sha256/%s", store->data_root,
				   name);
	layer->device = status.st_dev;
	layer->inode = status.st_ino;
	if (store_record_read(store->fd, name, &layer->record, &store->arena, &err) < 0)
		log_warning("layer '%s': %s", name, err.text);
	store->count++;
}

static int list_layers(struct store *store, struct error *err)
{
	struct walk_names names = { .arena = &store->arena };
	auto_close int directory = -1;

	if (store->fd < 0)
		return 0;
	directory = openat(store->fd, "sha256", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		return errno == ENOENT
			       ? 0
			       : error_set(err, errno, "cannot open '%s/layers/sha256'",
					   store->data_root);
	if (walk_names_add(&names, directory, store->data_root, err) < 0)
		return -1;
	walk_names_sort(&names);
	store->layers =
		arena_alloc(&store->arena, names.count + 1, sizeof(*store->layers));
	for (size_t i = 0; i < names.count; i++)
		add_layer(store, directory, names.list[i]);
	return 0;
}

int store_open(struct store *store, const char *root, const char *data_root,
	       enum store_lock lock, struct error *err)
{
	store->data_root = data_root;
	if (open_directory(store, "layers", &store->fd, err) < 0 ||
	    open_directory(store, "containers", &store->containers, err) < 0 ||
	    (store->containers >= 0 && lock_containers(store, lock, err) < 0) ||
	    list_layers(store, err) < 0)
		return -1;
	return store->count == 0 ? 0 : store_users_find(store, root, err);
}

struct store_layer *store_find(const struct store *store, const char *name,
			       struct error *err)
{
	const size_t prefix = strlen(digest_prefix);
	struct store_layer *found = NULL;

	if (strncmp(name, digest_prefix, prefix) == 0)
		name += prefix;
	for (size_t i = 0; i < store->count; i++) {
		struct store_layer *layer = &store->layers[i];

		if (name[0] == '\0' || strncmp(layer->name, name, strlen(name)) != 0)
			continue;
		if (found != NULL) {
			(void)error_set(err, 0,
					"'%s' is the beginning of several layers' names",
					name);
			return NULL;
		}
		found = layer;
	}
	if (found == NULL)
		(void)error_set(err, 0, "there is no layer '%s' in '%s/layers'", name,
				store->data_root);
	return found;
}

void store_unlock(struct store *store)
{
	if (store->containers >= 0)
		(void)flock(store->containers, LOCK_UN);
}

void store_release(struct store *store)
{
	if (store->fd >= 0)
		(void)close(store->fd);
	if (store->containers >= 0)
		(void)close(store->containers);
	arena_release(&store->arena);
}
