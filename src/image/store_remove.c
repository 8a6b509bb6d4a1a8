/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "base/tree.h"
#include "container/layers_parts.h"
#include "image/store.h"
#include "image/store_verb.h"
#include "image/walk.h"

struct removal {
	const struct store_request *request;
	struct store *store;
	struct store_lines lines;
	char hash[17]; /* of ROOT, for the trash */
	size_t failures;
};

/* The tars that were unpacked there are unpacked anew when they are named again. */
static void forget_tars(const struct store *store, const char *name)
{
	auto_arena struct arena arena = { 0 };
	struct walk_names names = { .arena = &arena };
	auto_close int tars =
		openat(store->fd, "tars", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct error ignored;

	if (tars < 0 || walk_names_add(&names, tars, "tars", &ignored) < 0)
		return;
	for (size_t i = 0; i < names.count; i++) {
		char target[PATH_MAX];
		ssize_t length =
			readlinkat(tars, names.list[i], target, sizeof(target) - 1);
		const char *last;

		target[length < 0 ? 0 : length] = '\0';
		last = strrchr(target, '/');
		if (last != NULL && strcmp(last + 1, name) == 0)
			(void)unlinkat(tars, names.list[i], 0);
	}
}

/* Out of the store at once; what is in it is removed when others may create again. */
static int take_out(const struct removal *removal, const struct store_layer *layer,
		    struct error *err)
{
	const struct store *store = removal->store;
	auto_close int directory =
		openat(store->fd, "sha256", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (directory < 0)
		return error_set(err, errno, "cannot open '%s/layers/sha256'",
				 store->data_root);
	/* Before it, so that a kill leaves no record without a layer. */
	forget_tars(store, layer->name);
	store_record_remove(store->fd, layer->name);
	return layers_trash_move(store->containers, removal->hash, directory, layer->name,
				 err);
}

static void keep(struct removal *removal, const struct store_layer *layer)
{
	auto_text struct text reason = { 0 };

	text_put(&reason, "in use by container ");
	store_put_users(&reason, layer, removal->request->root);
	store_lines_put(&removal->lines,
			removal->request->dry_run ? "would keep" : "kept", layer->name,
			reason.data);
	/* Of those that were named, it was wanted. */
	removal->failures += !removal->request->unused;
}

static void remove_one(struct removal *removal, const struct store_layer *layer)
{
	struct error err;

	if (layer->users_count > 0) {
		keep(removal, layer);
	} else if (removal->request->dry_run) {
		store_lines_put(&removal->lines, "would remove", layer->name, NULL);
	} else if (take_out(removal, layer, &err) < 0) {
		removal->failures++;
		store_lines_put(&removal->lines, "kept", layer->name, err.text);
	} else {
		store_lines_put(&removal->lines, "removed", layer->name, NULL);
	}
}

/* A name given twice is one layer. */
static bool is_repeated(const struct store_request *request, const struct store *store,
			size_t index, const struct store_layer *layer)
{
	struct error ignored;

	for (size_t i = 1; i < index; i++) {
		if (store_find(store, request->words[i], &ignored) == layer)
			return true;
	}
	return false;
}

/* All names are known before the first layer goes. */
static int remove_named(struct removal *removal, struct error *err)
{
	const struct store_request *request = removal->request;

	for (size_t i = 1; i < request->count; i++) {
		if (store_find(removal->store, request->words[i], err) == NULL)
			return -1;
	}
	for (size_t i = 1; i < request->count; i++) {
		const struct store_layer *layer =
			store_find(removal->store, request->words[i], err);

		if (!is_repeated(request, removal->store, i, layer))
			remove_one(removal, layer);
	}
	return 0;
}

/* A store without containers has lost them, and has to have a place for the lock. */
static int make_containers(const struct store_request *request, struct error *err)
{
	auto_arena struct arena arena = { 0 };
	auto_close int fd = -1;

	if (request->dry_run ||
	    access(arena_format(&arena, "%s/layers/sha256", request->data_root), F_OK) <
		    0)
		return 0;
	fd = tree_make(AT_FDCWD,
		       arena_format(&arena, "%s/containers", request->data_root), err);
	return fd < 0 ? -1 : 0;
}

int store_remove(const struct store_request *request, struct error *err)
{
	auto_store struct store store = STORE_NONE;
	struct removal removal = { .request = request, .store = &store };
	int result = 0;

	if (make_containers(request, err) < 0 ||
	    store_open(&store, request->root, request->data_root, STORE_ALONE, err) < 0)
		return -1;
	layers_root_hash(request->root, strlen(request->root), removal.hash);
	store_lines_open(&removal.lines, request->json);
	if (!request->unused)
		result = remove_named(&removal, err);
	for (size_t i = 0; request->unused && i < store.count; i++)
		remove_one(&removal, &store.layers[i]);
	store_unlock(&store);
	store_lines_close(&removal.lines);
	if (!request->dry_run && store.containers >= 0 && result == 0)
		result = layers_trash_remove(store.containers, removal.hash, err);
	if (result == 0 && removal.failures > 0)
		return error_set(err, 0, "%zu of the layers could not be removed",
				 removal.failures);
	return result;
}
