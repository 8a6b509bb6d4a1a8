/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/protobuf.h"
#include "base/text.h"
#include "container/checkpoint.h"
#include "container/criu.h"
#include "container/criu_descriptors.h"
#include "container/criu_mounts.h"
#include "container/criu_namespaces.h"
#include "container/criu_options.h"
#include "container/delete.h"
#include "container/freeze.h"
#include "container/record.h"
#include "container/recorded.h"
#include "container/registry.h"
#include "container/status.h"
#include "kernel/cgroup.h"
#include "oci/bundle.h"

struct checkpoint {
	struct arena arena;
	struct bundle bundle;
	struct record record;
	struct cgroup cgroup;
	enum status status;
	enum checkpoint_kind kind;
	const struct criu_options *options;
	struct text message; /* the criu_opts */
	struct criu criu;
	int entryfd;
	int lock_fd; /* or the end of a commit would thaw what criu froze */
};

#define auto_checkpoint __attribute__((cleanup(checkpoint_release)))

static void checkpoint_release(struct checkpoint *checkpoint)
{
	const int owned[] = { checkpoint->criu.images, checkpoint->criu.work,
			      checkpoint->lock_fd, checkpoint->entryfd };

	for (size_t i = 0; i < sizeof(owned) / sizeof(owned[0]); i++) {
		if (owned[i] >= 0)
			(void)close(owned[i]);
	}
	text_release(&checkpoint->message);
	bundle_release(&checkpoint->bundle);
	arena_release(&checkpoint->arena);
}

static int find(struct checkpoint *checkpoint, const struct registry *registry,
		const char *id, struct error *err)
{
	struct record *record = &checkpoint->record;

	checkpoint->entryfd = registry_lock(registry, id, err);
	if (checkpoint->entryfd < 0)
		return -1;
	checkpoint->lock_fd = freeze_lock(checkpoint->entryfd, err);
	if (checkpoint->lock_fd < -1 ||
	    registry_load(checkpoint->entryfd, record, &checkpoint->arena, err) < 0 ||
	    status_find(checkpoint->entryfd, record, &checkpoint->status, err) < 0)
		return -1;
	if (checkpoint->status != STATUS_RUNNING && checkpoint->status != STATUS_PAUSED)
		return error_set(err, 0, "a container that is %s cannot be checkpointed",
				 status_text(checkpoint->status));
	if (bundle_load_copy(&checkpoint->bundle, checkpoint->entryfd, "config.json",
			     err) < 0)
		return -1;
	return recorded_cgroup(record, &checkpoint->arena, &checkpoint->cgroup, err);
}

static bool goes_on(const struct checkpoint *checkpoint)
{
	return checkpoint->kind == CHECKPOINT_PRE_DUMP ||
	       checkpoint->options->flags[CRIU_LEAVE_RUNNING];
}

/* What the container wrote to an upper of its own would be gone with it. */
static int check_layers(const struct checkpoint *checkpoint, struct error *err)
{
	const struct record *record = &checkpoint->record;

	if (goes_on(checkpoint) || record->data_directory == NULL ||
	    record->upper_claim != NULL)
		return 0;
	(void)error_set(err, 0,
			"what the container has written would be deleted with it");
	return error_hint(err, "give root.overlay.upper, or --leave-running and commit");
}

static int check(const struct checkpoint *checkpoint, struct error *err)
{
	if (geteuid() != 0)
		return error_set(err, 0, "criu needs root");
	if (criu_namespaces_check(checkpoint->bundle.config.linux_, err) < 0)
		return -1;
	return check_layers(checkpoint, err);
}

static int write_message(struct checkpoint *checkpoint, struct error *err)
{
	const struct config *config = &checkpoint->bundle.config;
	const struct criu_mounts mounts = {
		.config = config,
		.bundle_path = checkpoint->record.bundle,
		.cgroup = &checkpoint->cgroup,
		.notify = "",
	};
	struct text *message = &checkpoint->message;
	pid_t pid = checkpoint->record.pid;

	criu_options_write(checkpoint->options, config, &checkpoint->cgroup, message);
	protobuf_put_uint(message, CRIU_OPT_PID, (uint64_t)pid);
	protobuf_put_text(message, CRIU_OPT_FREEZE_CGROUP,
			  cgroup_freezer(&checkpoint->cgroup, &checkpoint->arena));
	if (checkpoint->kind == CHECKPOINT_PRE_DUMP ||
	    checkpoint->options->parent_path != NULL)
		protobuf_put_uint(message, CRIU_OPT_TRACK_MEM, 1);
	if (criu_namespaces_dump(config->linux_, pid, message, err) < 0)
		return -1;
	if (checkpoint->kind == CHECKPOINT_PRE_DUMP)
		return 0;
	if (criu_mounts_dump(&mounts, pid, message, err) < 0)
		return -1;
	return criu_descriptors_dump(pid, checkpoint->criu.images, message, err);
}

static int notify(void *context, const struct criu_notice *notice, struct error *err)
{
	const struct checkpoint *checkpoint = context;
	int status_fd = checkpoint->options->status_fd;

	(void)err;
	/* Nobody may read it any more. */
	if (strcmp(notice->script, "status-ready") == 0 && status_fd >= 0) {
		(void)file_write_full(status_fd, "", 1);
		(void)close(status_fd);
	}
	return 0;
}

/* Killed between the freeze of its cgroup and the thaw, criu leaves it frozen. */
static void thaw(const struct checkpoint *checkpoint)
{
	struct error ignored;

	if (checkpoint->status != STATUS_PAUSED &&
	    cgroup_frozen(&checkpoint->cgroup, &ignored) > 0)
		(void)cgroup_thaw(&checkpoint->cgroup, &ignored);
}

static int dump(struct checkpoint *checkpoint, struct error *err)
{
	if (criu_options_open(checkpoint->options, CRIU_PLACES_MAKE, &checkpoint->criu,
			      err) < 0 ||
	    write_message(checkpoint, err) < 0)
		return -1;
	checkpoint->criu.options = &checkpoint->message;
	checkpoint->criu.context = checkpoint;
	if (criu_run(&checkpoint->criu, err) == 0)
		return 0;
	thaw(checkpoint);
	return -1;
}

static int save(const struct registry *registry, const char *id,
		enum checkpoint_kind kind, const struct criu_options *options,
		struct error *err)
{
	auto_checkpoint struct checkpoint checkpoint = {
		.kind = kind,
		.options = options,
		.bundle = { .dirfd = -1 },
		.criu = { .request =
				  kind == CHECKPOINT_PRE_DUMP ? CRIU_PRE_DUMP : CRIU_DUMP,
			  .images = -1,
			  .work = -1,
			  .inherited = { -1, -1 },
			  .log = "dump.log",
			  .action = "save the container",
			  .notify = notify },
		.entryfd = -1,
		.lock_fd = -1,
	};

	if (find(&checkpoint, registry, id, err) < 0 || check(&checkpoint, err) < 0)
		return -1;
	return dump(&checkpoint, err);
}

int checkpoint_container(const struct registry *registry, const char *id,
			 enum checkpoint_kind kind, const struct criu_options *options,
			 struct error *err)
{
	if (criu_options_check(options, err) < 0 ||
	    save(registry, id, kind, options, err) < 0)
		return -1;
	if (kind == CHECKPOINT_PRE_DUMP || options->flags[CRIU_LEAVE_RUNNING])
		return 0;
	return delete_container(registry, id, DELETE_FORCE, err);
}
