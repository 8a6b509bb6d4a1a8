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
#include "image/image_commit.h"
#include "image/layer_write.h"
#include "image/lowers.h"
#include "image/merged.h"
#include "image/output.h"
#include "image/size_text.h"
#include "image/source.h"
#include "image/stream.h"
#include "image/target.h"
#include "image/walk.h"

static int add_entry(void *writer, const struct walk_entry *entry, struct error *err)
{
	return layer_write_add(writer, entry, err);
}

static int write_merged(const struct source *source, struct layer_write *writer,
			struct error *err)
{
	auto_close int root = merged_open(&source->record, &source->ids, err);
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

/* What came of it. */
struct outcome {
	uint64_t entries, sockets;
	uint64_t bytes;                                      /* as they were written */
	char diff_id[DIGEST_HEX_SIZE], hex[DIGEST_HEX_SIZE]; /* of the tar; of those */
};

static void summarize(const struct commit_request *request, const struct outcome *outcome)
{
	char size[32];

	if (outcome->sockets > 0)
		log_warning("%" PRIu64 " sockets are left out: an archive knows none",
			    outcome->sockets);
	if (request->quiet)
		return;
	size_text_format(outcome->bytes, size, sizeof(size));
	(void)fprintf(stderr, "%s: %" PRIu64 " entries, %s, sha256:%s\n",
		      strcmp(request->target, "-") == 0 ? "standard output"
							: request->target,
		      outcome->entries, size, outcome->hex);
}

/* The archive, from its first byte to its digest; the container runs on afterwards. */
static int write_archive(const struct commit_request *request, struct source *source,
			 int fd, struct outcome *outcome, struct error *err)
{
	auto_stream struct stream stream = { 0 };
	auto_layer_write struct layer_write writer = {
		.flags = request->diff ? LAYER_WRITE_UPPER : 0,
		.ids = &source->ids,
	};
	int result;

	/* First, what forks or enters a namespace: the writer has threads. */
	if (source_freeze(source, err) < 0 || source_enter(source, err) < 0 ||
	    stream_open(&stream, fd, &request->compression, err) < 0 ||
	    layer_write_open(&writer, &stream, err) < 0)
		return -1;
	result = request->diff ? write_changes(&source->record, &writer, err)
			       : write_merged(source, &writer, err);
	source_thaw(source);
	if (result < 0 || layer_write_finish(&writer, outcome->diff_id, err) < 0)
		return -1;
	memcpy(outcome->hex, outcome->diff_id, sizeof(outcome->hex));
	if (stream_finish(&stream, outcome->hex, err) < 0)
		return -1;
	outcome->entries = writer.entries;
	outcome->sockets = writer.sockets;
	outcome->bytes = stream.bytes;
	return 0;
}

static int commit_tar(const struct commit_request *request, struct source *source,
		      struct outcome *outcome, struct error *err)
{
	auto_output struct output output = OUTPUT_NONE;

	if (output_open(&output, request->target, err) < 0 ||
	    write_archive(request, source, output.fd, outcome, err) < 0)
		return -1;
	return output_publish(&output, err);
}

static int commit_image(const struct commit_request *request, struct source *source,
			const struct target *target, struct outcome *outcome,
			struct error *err)
{
	auto_image_commit struct image_commit image = IMAGE_COMMIT_NONE;
	struct image_descriptor *layer;

	image.details = &request->details;
	if (image_commit_open(&image, target, request->base, source->entryfd, err) < 0 ||
	    write_archive(request, source, image.layer->fd, outcome, err) < 0)
		return -1;
	layer = &image.layer->descriptor;
	layer->size = outcome->bytes;
	memcpy(layer->hex, outcome->hex, sizeof(layer->hex));
	return image_commit_publish(&image, outcome->diff_id,
				    compression_suffix(&request->compression),
				    outcome->hex, err);
}

/* Whether the options and the target go together. */
static int check_request(const struct commit_request *request,
			 const struct target *target, struct error *err)
{
	const struct image_details *details = &request->details;
	const char *option = request->base != NULL        ? "base"
			     : details->author != NULL    ? "author"
			     : details->message != NULL   ? "message"
			     : details->changes_count > 0 ? "config"
							  : NULL;

	if (target->kind == TARGET_TAR && option != NULL)
		return error_set(err, 0,
				 "option '--%s' is for an image, oci:DIR[:TAG] or "
				 "oci-archive:FILE[:TAG], and '%s' is a tar",
				 option, request->target);
	if (request->base != NULL && request->merged)
		return error_set(err, 0,
				 "options '--base' and '--merged': on top of an image "
				 "belongs what the container changed");
	if (target->kind != TARGET_TAR && request->diff && request->base == NULL)
		return error_set(err, 0,
				 "option '--diff': what the container changed is no "
				 "image without the one below; give it by --base");
	return 0;
}

int commit_container(const struct commit_request *request, struct error *err)
{
	const enum source_flags flags = (request->diff ? SOURCE_CHANGES : 0) |
					(request->no_pause ? SOURCE_NO_PAUSE : 0);
	auto_source struct source source = SOURCE_NONE;
	struct outcome outcome;
	struct target target;

	if (target_parse(&target, request->target, &source.arena, err) < 0 ||
	    check_request(request, &target, err) < 0 ||
	    source_open(&source, request->root, request->id, flags, err) < 0)
		return -1;
	if ((target.kind == TARGET_TAR
		     ? commit_tar(request, &source, &outcome, err)
		     : commit_image(request, &source, &target, &outcome, err)) < 0)
		return -1;
	summarize(request, &outcome);
	return 0;
}
