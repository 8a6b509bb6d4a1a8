/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/auto.h"
#include "base/error.h"
#include "container/record.h"
#include "image/changes_write.h"
#include "image/commit.h"
#include "image/commit_summary.h"
#include "image/epoch.h"
#include "image/image_commit.h"
#include "image/layer_write.h"
#include "image/lowers.h"
#include "image/merged.h"
#include "image/output.h"
#include "image/progress.h"
#include "image/read_back.h"
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

static int verify(const struct commit_request *request, int fd,
		  struct commit_summary *summary, struct progress *progress,
		  struct error *err)
{
	const struct read_back expected = {
		.hex = summary->hex,
		.size = summary->bytes,
		.tar = request->compression.kind != COMPRESSION_NONE ? summary->diff_id
								     : NULL,
		.name = request->target,
	};

	if (!request->quiet)
		progress_begin(progress, "reading back");
	summary->is_verified = true;
	return read_back(fd, &expected, progress, err);
}

/* The archive, from its first byte to its digest; the container runs on afterwards. */
static int write_archive(const struct commit_request *request, struct source *source,
			 int fd, struct commit_summary *summary, struct error *err)
{
	auto_progress struct progress progress = { 0 };
	auto_stream struct stream stream = { 0 };
	auto_layer_write struct layer_write writer = {
		.xattrs = { .flags = request->diff ? FILE_XATTRS_UPPER : 0,
			    .ids = &source->ids },
		.progress = &progress,
		.latest = request->has_epoch ? &request->epoch : NULL,
	};
	int result;

	if (!request->quiet)
		progress_begin(&progress, "writing");
	/* First, what forks or enters a namespace: the writer has threads. */
	if (source_freeze(source, err) < 0 || source_enter(source, err) < 0 ||
	    stream_open(&stream, fd, &request->compression, err) < 0 ||
	    layer_write_open(&writer, &stream, err) < 0)
		return -1;
	result = request->diff ? write_changes(&source->record, &writer, err)
			       : write_merged(source, &writer, err);
	source_thaw(source);
	if (result < 0 || layer_write_finish(&writer, summary->diff_id, err) < 0)
		return -1;
	memcpy(summary->hex, summary->diff_id, sizeof(summary->hex));
	if (stream_finish(&stream, summary->hex, err) < 0)
		return -1;
	summary->entries = writer.entries;
	summary->whiteouts = writer.whiteouts;
	summary->sockets = writer.sockets;
	summary->attributes = writer.xattrs.dropped;
	summary->bytes = stream.bytes;
	return request->verify ? verify(request, fd, summary, &progress, err) : 0;
}

static int commit_tar(const struct commit_request *request, struct source *source,
		      struct commit_summary *summary, struct error *err)
{
	auto_output struct output output = OUTPUT_NONE;

	if (output_open(&output, request->target, err) < 0 ||
	    write_archive(request, source, output.fd, summary, err) < 0)
		return -1;
	return output_publish(&output, err);
}

static int commit_image(const struct commit_request *request, struct source *source,
			const struct target *target, struct commit_summary *summary,
			struct error *err)
{
	auto_image_commit struct image_commit image = IMAGE_COMMIT_NONE;
	struct image_descriptor *layer;

	image.details = &request->details;
	image.output.is_verified = request->verify;
	if (image_commit_open(&image, target, request->base, source->entryfd, err) < 0 ||
	    write_archive(request, source, image.layer->fd, summary, err) < 0)
		return -1;
	layer = &image.layer->descriptor;
	layer->size = summary->bytes;
	memcpy(layer->hex, summary->hex, sizeof(layer->hex));
	return image_commit_publish(&image, summary->diff_id,
				    compression_suffix(&request->compression),
				    summary->hex, err);
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

	if (strcmp(request->target, "-") == 0 && (request->verify || request->json))
		return error_set(err, 0,
				 "option '--%s' is not for '-', standard output, which "
				 "has the archive",
				 request->verify ? "verify" : "format json");
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

static int read_epoch(struct commit_request *request, struct error *err)
{
	int result = epoch_read(&request->epoch, err);

	request->has_epoch = result > 0;
	return result < 0 ? -1 : 0;
}

int commit_container(struct commit_request *request, struct error *err)
{
	const enum source_flags flags = (request->diff ? SOURCE_CHANGES : 0) |
					(request->no_pause ? SOURCE_NO_PAUSE : 0);
	auto_source struct source source = SOURCE_NONE;
	struct commit_summary summary = { .target = request->target };
	struct target target;

	if (target_parse(&target, request->target, &source.arena, err) < 0 ||
	    check_request(request, &target, err) < 0 || read_epoch(request, err) < 0 ||
	    source_open(&source, request->root, request->id, flags, err) < 0)
		return -1;
	if ((target.kind == TARGET_TAR
		     ? commit_tar(request, &source, &summary, err)
		     : commit_image(request, &source, &target, &summary, err)) < 0)
		return -1;
	if (request->json)
		commit_summary_json(&summary);
	else
		commit_summary_text(&summary, request->quiet);
	return 0;
}
