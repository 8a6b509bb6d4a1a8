/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <string.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/text.h"
#include "image/changes.h"
#include "image/changes_write.h"
#include "image/layer_write.h"
#include "image/whiteout.h"

/* Sockets too: a tar cannot hold one, and what it replaced would come back. */
static int write_whiteout(struct layer_write *writer, const char *path, struct error *err)
{
	const char *name = strrchr(path, '/') + 1;
	auto_text struct text text = { 0 };

	if (whiteout_is_marker(name))
		return error_set(err, 0,
				 "the deletion of '%s' cannot be in a layer: its name "
				 "means one itself; use --merged",
				 path);
	text_format(&text, "%.*s.wh.%s", (int)(name - path), path, name);
	return layer_write_whiteout(writer, text.data, err);
}

static int write_change(void *context, const struct change *change, struct error *err)
{
	struct layer_write *writer = context;
	auto_text struct text text = { 0 };

	if (change->kind != CHANGE_ENTRY)
		return write_whiteout(writer, change->path, err);
	if (layer_write_add(writer, change->entry, err) < 0)
		return -1;
	if (change->hides != CHANGE_HIDES_LOWER)
		return 0;
	text_format(&text, "%s/.wh..wh..opq", change->path);
	return layer_write_whiteout(writer, text.data, err);
}

int changes_write(int upperfd, const struct lowers *lowers, struct layer_write *writer,
		  struct error *err)
{
	const struct changes_reader reader = { .change = write_change,
					       .context = writer,
					       .way_out = "use --merged" };

	return changes_read(upperfd, lowers, &reader, err);
}
