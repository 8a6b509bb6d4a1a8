/* SPDX-License-Identifier: Apache-2.0 */
#include "image/tree_digest.h"

#include <errno.h>
#include <fcntl.h>

#include "base/auto.h"
#include "base/error.h"
#include "image/compression.h"
#include "image/layer_write.h"
#include "image/stream.h"
#include "image/walk.h"

static int add_entry(void *writer, const struct walk_entry *entry, struct error *err)
{
	return layer_write_add(writer, entry, err);
}

int tree_digest_take(int rootfd, struct tree_digest *tree, struct error *err)
{
	const struct compression none = { .kind = COMPRESSION_NONE };
	auto_close int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	auto_stream struct stream stream = { 0 };
	auto_layer_write struct layer_write writer = { 0 };
	const struct walk walk = { .entry = add_entry, .context = &writer };

	if (fd < 0)
		return error_set(err, errno, "cannot open '/dev/null'");
	if (stream_open(&stream, fd, &none, err) < 0 ||
	    layer_write_open(&writer, &stream, err) < 0 ||
	    walk_run(&walk, rootfd, err) < 0 ||
	    layer_write_finish(&writer, tree->hex, err) < 0)
		return -1;
	tree->entries = writer.entries;
	tree->bytes = stream.bytes;
	return 0;
}
