/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/log.h"
#include "container/freeze.h"
#include "container/record.h"
#include "container/registry.h"
#include "container/status.h"
#include "image/changes.h"
#include "image/commit.h"
#include "image/layer_write.h"
#include "image/lowers.h"
#include "image/merged.h"
#include "image/output.h"
#include "image/walk.h"

/* A directory that is another one now would be archived as if it were the container's. */
static int check_directory(const struct record_directory *directory, struct error *err)
{
	struct stat status;

	if (directory->path == NULL)
		return 0;
	if (stat(directory->path, &status) < 0)
		return error_set(err, errno, "cannot find '%s'", directory->path);
	if (status.st_dev != directory->device || status.st_ino != directory->inode)
		return error_set(err, 0,
				 "'%s' has been replaced since the container was created",
				 directory->path);
	return 0;
}

static int check_layers(const struct record *record, struct error *err)
{
	if (record->has_user_namespace)
		return error_set(err, 0,
				 "the container has a user namespace, whose ids this "
				 "version cannot turn back");
	if (check_directory(&record->upper, err) < 0 ||
	    check_directory(&record->work, err) < 0)
		return -1;
	for (size_t i = 0; i < record->lowers_count; i++) {
		if (check_directory(&record->lowers[i], err) < 0)
			return -1;
	}
	return 0;
}

/* Whether it has to be held still, 1 or 0. */
static int check_container(const struct commit_request *request, int entryfd,
			   const struct record *record, struct error *err)
{
	enum status status;
	bool runs;

	if (status_find(entryfd, record, &status, err) < 0)
		return -1;
	if (status == STATUS_CREATING)
		return error_set(err, 0, "container '%s' is being created", request->id);
	if (request->diff && record->lowers_count == 0)
		return error_set(
			err, 0,
			"container '%s' has no overlay root, so nothing tells what "
			"it changed",
			request->id);
	/* It may be another commit that paused it, and soon thaws it. */
	runs = (status == STATUS_RUNNING || status == STATUS_PAUSED) &&
	       !request->no_pause;
	if (runs && record->cgroup_path == NULL) {
		(void)error_set(err, 0,
				"container '%s' runs without a cgroup and cannot be "
				"held still",
				request->id);
		return error_hint(err, "stop it, or use --no-pause");
	}
	if (check_layers(record, err) < 0)
		return -1;
	return runs;
}

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
	auto_arena struct arena arena = { 0 };
	auto_output struct output output = OUTPUT_NONE;
	auto_layer_write struct layer_write writer = {
		.flags = request->diff ? LAYER_WRITE_UPPER : 0,
	};
	auto_close int entryfd = -1;
	struct registry registry;
	struct record record;
	char hex[DIGEST_HEX_SIZE];
	int hold;

	if (registry_open(&registry, request->root, 0, err) < 0)
		return -1;
	entryfd = registry_find(&registry, request->id, err);
	if (entryfd < 0 || registry_load(entryfd, &record, &arena, err) < 0)
		return -1;
	hold = check_container(request, entryfd, &record, err);
	if (hold < 0 || output_open(&output, request->target, err) < 0 ||
	    layer_write_open(&writer, output.fd, err) < 0)
		return -1;
	{
		auto_freeze struct freeze freeze = FREEZE_NONE;

		if (hold && freeze_apply(&freeze, entryfd, &record, err) < 0)
			return -1;
		if (write_archive(request, &record, &writer, hex, err) < 0)
			return -1;
	}
	if (output_publish(&output, err) < 0)
		return -1;
	summarize(request, &writer, hex);
	return 0;
}
