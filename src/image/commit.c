/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/log.h"
#include "container/record.h"
#include "image/changes_write.h"
#include "image/commit.h"
#include "image/layer_write.h"
#include "image/lowers.h"
#include "image/merged.h"
#include "image/output.h"
#include "image/source.h"
#include "image/walk.h"

static int add_entry(void *writer, const struct walk_entry *entry, struct error *err)
{
	return layer_write_add(writer, entry, err);
}

static int write_merged(const struct record *record, struct layer_write *writer,
			struct error *err)
{
	auto_close int root = merged_open(record, err);
	const struct walk walk = { .entry = add_entry, .context = writer };

	return root < 0 ? -1 : walk_run(&walk, root, err);
}

static int write_changes(const struct record *record, struct layer_write *writer,
			 struct error *err)
{
	auto_lowers struct lowers lowers = { 0 };
	auto_close int upper = -1;

	if (lowers_open(&lowers, record, err) < 0)
		return -1;
	upper = merged_open_plain(record->upper.path, err);
	return upper < 0 ? -1 : changes_write(upper, &lowers, writer, err);
}

static void print_size(uint64_t bytes, char *text, size_t size)
{
	static const char *const units[] = { "bytes", "kB", "MB", "GB", "TB" };
	double value = (double)bytes;
	size_t unit = 0;

	while (value >= 1000 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		value /= 1000;
		unit++;
	}
	(void)snprintf(text, size, "%.*f %s", unit == 0 || value >= 100 ? 0 : 1, value,
		       units[unit]);
}

static void summarize(const struct commit_request *request,
		      const struct layer_write *writer, const char *hex)
{
	char size[32];

	if (writer->sockets > 0)
		log_warning("%" PRIu64 " sockets are left out: an archive knows none",
			    writer->sockets);
	if (request->quiet)
		return;
	print_size(writer->tar.bytes, size, sizeof(size));
	(void)fprintf(stderr, "%s: %" PRIu64 " entries, %s, sha256:%s\n",
		      strcmp(request->target, "-") == 0 ? "standard output"
							: request->target,
		      writer->entries, size, hex);
}

/* The archive, from its first byte to its digest. */
static int write_archive(const struct commit_request *request,
			 const struct record *record, struct layer_write *writer,
			 char hex[DIGEST_HEX_SIZE], struct error *err)
{
	int result = request->diff ? write_changes(record, writer, err)
				   : write_merged(record, writer, err);

	return result < 0 ? -1 : layer_write_finish(writer, hex, err);
}

int commit_container(const struct commit_request *request, struct error *err)
{
	const enum source_flags flags = (request->diff ? SOURCE_CHANGES : 0) |
					(request->no_pause ? SOURCE_NO_PAUSE : 0);
	auto_source struct source source = SOURCE_NONE;
	auto_output struct output output = OUTPUT_NONE;
	auto_layer_write struct layer_write writer = {
		.flags = request->diff ? LAYER_WRITE_UPPER : 0,
	};
	char hex[DIGEST_HEX_SIZE];

	if (source_open(&source, request->root, request->id, flags, err) < 0 ||
	    output_open(&output, request->target, err) < 0 ||
	    layer_write_open(&writer, output.fd, err) < 0)
		return -1;
	if (source_freeze(&source, err) < 0 ||
	    write_archive(request, &source.record, &writer, hex, err) < 0)
		return -1;
	source_thaw(&source);
	if (output_publish(&output, err) < 0)
		return -1;
	summarize(request, &writer, hex);
	return 0;
}
