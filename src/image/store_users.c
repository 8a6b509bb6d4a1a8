/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "container/layers_parts.h"
#include "container/record.h"
#include "container/registry.h"
#include "image/store.h"
#include "image/walk.h"

static void add_user(struct store *store, struct store_layer *layer, const char *user)
{
	const char **more;

	for (size_t i = 0; i < layer->users_count; i++) {
		if (strcmp(layer->users[i], user) == 0)
			return;
	}
	if (layer->users_count == layer->users_room) {
		layer->users_room = 2 * layer->users_room + 4;
		more = arena_alloc(&store->arena, layer->users_room, sizeof(*more));
		if (layer->users_count > 0)
			memcpy(more, layer->users, layer->users_count * sizeof(*more));
		layer->users = more;
	}
	layer->users[layer->users_count++] =
		arena_text(&store->arena, user, strlen(user));
}

static void add_record(struct store *store, const struct record *record, const char *user)
{
	for (size_t i = 0; i < record->lowers_count; i++) {
		const struct record_directory *lower = &record->lowers[i];

		for (size_t j = 0; j < store->count; j++) {
			struct store_layer *layer = &store->layers[j];

			if (layer->device == lower->device &&
			    layer->inode == lower->inode)
				add_user(store, layer, user);
		}
	}
}

/* What has no record is no container, or not one yet; of what cannot be read it cannot be
 * said that it uses no layer. */
static int add_container(struct store *store, const char *user, struct error *err)
{
	auto_arena struct arena arena = { 0 };
	auto_close int fd = open(user, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct record record;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd < 0)
		(void)error_set(err, errno, "cannot open '%s'", user);
	else if (registry_load(fd, &record, &arena, err) == 0)
		return add_record(store, &record, user), 0;
	else if (err->code == ENOENT)
		return 0;
	return error_prefix(err, "cannot tell which layers '%s' uses", user);
}

/* Those of every ROOT, by the links in what they have below DATA_ROOT. */
static int add_linked(struct store *store, struct error *err)
{
	auto_arena struct arena arena = { 0 };
	struct walk_names names = { .arena = &arena };

	if (store->containers < 0)
		return 0;
	if (walk_names_add(&names, store->containers, store->data_root, err) < 0)
		return -1;
	walk_names_sort(&names);
	for (size_t i = 0; i < names.count; i++) {
		const char *link =
			arena_format(&arena, "%s/" LAYERS_CONTAINER_LINK, names.list[i]);
		char user[PATH_MAX];
		ssize_t length =
			readlinkat(store->containers, link, user, sizeof(user) - 1);

		if (length < 0)
			continue; /* being made, or removed, or no container's */
		user[length] = '\0';
		if (add_container(store, user, err) < 0)
			return -1;
	}
	return 0;
}

/* Those of ROOT, whose changes may be below another DATA_ROOT. */
static int add_listed(struct store *store, const char *root, struct error *err)
{
	auto_arena struct arena arena = { 0 };
	struct registry registry;
	char **ids;
	int result = 0;

	if (registry_open(&registry, root, 0, err) < 0)
		return -1;
	if (registry_list(&registry, &arena, &ids, err) < 0)
		result = -1;
	for (; result == 0 && *ids != NULL; ids++)
		result = add_container(store, arena_format(&arena, "%s/%s", root, *ids),
				       err);
	if (registry.fd >= 0)
		(void)close(registry.fd);
	return result;
}

int store_users_find(struct store *store, const char *root, struct error *err)
{
	if (add_linked(store, err) < 0)
		return -1;
	return add_listed(store, root, err);
}
