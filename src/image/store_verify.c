/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/text.h"
#include "image/merged.h"
#include "image/store.h"
#include "image/store_verb.h"
#include "image/tree_digest.h"

enum state { UNCHANGED, CHANGED, UNKNOWN };

/* What cannot be read is not what it was either. */
static enum state examine(const struct store_layer *layer, struct text *reason)
{
	struct tree_digest tree;
	struct error err;
	auto_close int root = -1;

	if (layer->record.unpacked == NULL) {
		text_put(reason, "nothing is on record of what it was");
		return UNKNOWN;
	}
	root = merged_open_plain(layer->path, &err);
	if (root < 0 || tree_digest_take(root, &tree, &err) < 0) {
		text_put(reason, err.text);
		return CHANGED;
	}
	if (strncmp(layer->record.tree, "sha256:", 7) == 0 &&
	    strcmp(layer->record.tree + 7, tree.hex) == 0)
		return UNCHANGED;
	text_format(reason, "its tree is sha256:%s, and was %s", tree.hex,
		    layer->record.tree);
	return CHANGED;
}

static size_t verify(const struct store_request *request, const struct store_lines *lines,
		     const struct store_layer *layer)
{
	static const char *const words[] = { "unchanged", "changed", "unknown" };
	auto_text struct text reason = { 0 };
	enum state state = examine(layer, &reason);

	if (state != UNCHANGED || !request->quiet)
		store_lines_put(lines, words[state], layer->name, reason.data);
	return state != UNCHANGED;
}

/* A layer stays while it is read: who removes one waits. */
int store_verify(const struct store_request *request, struct error *err)
{
	auto_store struct store store = STORE_NONE;
	struct store_lines lines;
	size_t wrong = 0, all;

	if (store_open(&store, request->root, request->data_root, STORE_SHARED, err) < 0)
		return -1;
	for (size_t i = 1; i < request->count; i++) {
		if (store_find(&store, request->words[i], err) == NULL)
			return -1;
	}
	store_lines_open(&lines, request->json);
	all = request->count > 1 ? request->count - 1 : store.count;
	for (size_t i = 0; i < all; i++)
		wrong += verify(request, &lines,
				request->count > 1
					? store_find(&store, request->words[i + 1], err)
					: &store.layers[i]);
	store_lines_close(&lines);
	return wrong == 0 ? 0
			  : error_set(err, 0,
				      "%zu of %zu layers are not known to be what they "
				      "were",
				      wrong, all);
}
