/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/process.h"
#include "base/syscalls.h"
#include "base/tree.h"
#include "container/layers.h"
#include "container/layers_parts.h"
#include "kernel/id_maps.h"
#include "kernel/subordinate_ids.h"
#include "oci/bundle.h"

static bool is_denied(const struct error *err)
{
	return (err->code == EACCES || err->code == EPERM) && geteuid() != 0;
}

/* The user namespace of the container made anew; -1 also where it had none. */
static int make_namespace(int entryfd, struct error *err)
{
	auto_bundle struct bundle bundle = { .dirfd = -1 };
	const struct config_linux *linux_;
	struct id_maps maps;

	if (bundle_load_copy(&bundle, entryfd, "config.json", err) < 0)
		return -1;
	linux_ = bundle.config.linux_;
	maps = (struct id_maps){ linux_->uid_mappings, linux_->gid_mappings,
				 linux_->uid_mappings_count, linux_->gid_mappings_count };
	if (maps.uid_count == 0)
		return error_set(err, EPERM, "cannot remove what the container wrote");
	return id_maps_namespace(&maps, err);
}

/* 0 once it is gone. What it says is lost: the caller tries once more, and says that. */
static _Noreturn void remove_inside(int namespace, int (*remove)(const void *context),
				    const void *context)
{
	if (setns(namespace, CLONE_NEWUSER) < 0 || setresgid(0, 0, 0) < 0 ||
	    setresuid(0, 0, 0) < 0)
		_exit(1);
	_exit(remove(context) < 0);
}

static void remove_by_child(int namespace, int (*remove)(const void *context),
			    const void *context)
{
	struct clone_args args = { .exit_signal = SIGCHLD };
	pid_t pid = sys_clone3(&args);

	if (pid == 0)
		remove_inside(namespace, remove, context);
	if (pid > 0)
		process_reap(pid);
}

static int remove_recorded(const void *context)
{
	struct error ignored;

	return layers_remove(context, &ignored);
}

int layers_remove_all(const struct record *record, int entryfd, struct error *err)
{
	auto_close int namespace = -1;
	struct error ignored;

	if (layers_remove(record, err) == 0)
		return 0;
	if (!is_denied(err))
		return -1;
	namespace = make_namespace(entryfd, &ignored);
	if (namespace < 0)
		return -1;
	remove_by_child(namespace, remove_recorded, record);
	return layers_remove(record, err);
}

struct trash {
	int dirfd;
	const char *name;
};

static int remove_trash(const void *context)
{
	const struct trash *trash = context;
	struct error ignored;

	return tree_remove(trash->dirfd, trash->name, &ignored);
}

int layers_remove_trash(int dirfd, const char *name, struct error *err)
{
	const struct trash trash = { dirfd, name };
	auto_arena struct arena arena = { 0 };
	auto_close int namespace = -1;
	struct error ignored;
	struct id_maps maps;

	if (tree_remove(dirfd, name, err) == 0)
		return 0;
	if (!is_denied(err))
		return -1;
	subordinate_ids_maps(&maps, &arena);
	namespace = id_maps_namespace(&maps, &ignored);
	if (namespace < 0)
		return -1;
	remove_by_child(namespace, remove_trash, &trash);
	return tree_remove(dirfd, name, err);
}
