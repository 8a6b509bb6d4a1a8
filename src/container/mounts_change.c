/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/process.h"
#include "base/procfs.h"
#include "container/clone.h"
#include "container/mounts_change.h"
#include "container/record.h"
#include "container/recorded.h"
#include "container/registry.h"
#include "container/status.h"
#include "container/sync.h"
#include "kernel/cgroup.h"
#include "kernel/mounts.h"
#include "kernel/mounts_change.h"
#include "kernel/namespaces.h"
#include "oci/bundle.h"

struct worker {
	const struct mounts_request *request;
	struct bundle *bundle;
	struct arena arena;
	struct record record;
	struct mounts *mounts; /* to add */
	int init;              /* pidfd of the container's first process */
	int proc;              /* the host's */
	int sync, child_sync;
	int pidfd; /* of the process that does it */
};

static void worker_release(struct worker *worker)
{
	const int owned[] = { worker->init, worker->proc, worker->sync,
			      worker->child_sync, worker->pidfd };

	if (worker->mounts != NULL)
		mounts_close(worker->mounts);
	for (size_t i = 0; i < sizeof(owned) / sizeof(owned[0]); i++) {
		if (owned[i] >= 0)
			(void)close(owned[i]);
	}
	arena_release(&worker->arena);
}

#define auto_worker __attribute__((cleanup(worker_release)))

static int not_running(enum status status, struct error *err)
{
	(void)error_set(err, 0, "container not running");
	return error_hint(err, "it is %s", status_text(status));
}

static int find_container(struct worker *worker, const struct registry *registry,
			  struct error *err)
{
	auto_close int entryfd = registry_find(registry, worker->request->id, err);
	enum status status;

	if (entryfd < 0 ||
	    registry_load(entryfd, &worker->record, &worker->arena, err) < 0 ||
	    status_find(entryfd, &worker->record, &status, err) < 0)
		return -1;
	if (status == STATUS_STOPPED || status == STATUS_CREATING)
		return not_running(status, err);
	worker->init = recorded_process(&worker->record);
	if (worker->init < 0 && errno == ESRCH)
		return not_running(STATUS_STOPPED, err);
	if (worker->init < 0)
		return error_set(err, errno, "cannot open process %d",
				 worker->record.pid);
	if (bundle_load_copy(worker->bundle, entryfd, "config.json", err) < 0)
		return -1;
	return bundle_read_mounts(worker->bundle, worker->request->path, err);
}

static bool has_user_namespace(const struct worker *worker)
{
	return (namespaces_listed(worker->bundle->config.linux_) & CLONE_NEWUSER) != 0;
}

static int open_user(const struct worker *worker, struct error *err)
{
	char path[64];
	auto_close int fd = -1;

	(void)snprintf(path, sizeof(path), "/proc/%d/ns/user", worker->record.pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	/* As long as it is there, nobody else has its pid. */
	if (fd < 0 || pidfd_send_signal(worker->init, 0, NULL, 0) < 0)
		return error_set(err, errno, "cannot open '%s'", path);
	return take_fd(&fd);
}

/* Everything of the host's, before the container is entered. */
static int prepare(struct worker *worker, struct error *err)
{
	const struct config *config = &worker->bundle->config;
	auto_close int user = -1;

	/* Then its root is in no mount namespace, and takes no mount. */
	if (!namespaces_has_new(config->linux_, CLONE_NEWNS))
		return error_set(err, 0,
				 "the container has no mount namespace of its own, so "
				 "that its mounts cannot be changed");
	worker->proc = procfs_open(err);
	if (worker->proc < 0)
		return -1;
	if (worker->request->change == MOUNTS_REMOVE)
		return 0;
	if (mounts_check(config, worker->record.bundle, err) < 0 ||
	    mounts_check_late(config, err) < 0)
		return -1;
	if (has_user_namespace(worker)) {
		user = open_user(worker, err);
		if (user < 0)
			return -1;
	}
	worker->mounts =
		mounts_open(config, worker->record.bundle, user, &worker->arena, err);
	if (worker->mounts != NULL)
		return 0;
	return err->code == EPERM ? error_hint(err, "root alone adds bind mounts") : -1;
}

static int work(const struct worker *worker, struct error *err)
{
	const struct config *config = &worker->bundle->config;
	auto_close int rootfd = -1;

	if (namespaces_join_process(config->linux_, worker->init, err) < 0)
		return -1;
	rootfd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (rootfd < 0)
		return error_set(err, errno, "cannot open '/'");
	if (worker->request->change == MOUNTS_REMOVE)
		return mounts_remove(config, rootfd, worker->proc, err);
	if (mounts_apply(worker->mounts, rootfd, NULL, err) == 0 &&
	    mounts_finish(worker->mounts, err) == 0)
		return 0;
	mounts_undo(worker->mounts, worker->proc);
	return -1;
}

static _Noreturn void run_child(const struct worker *worker)
{
	struct error err = { 0 };

	(void)close(worker->sync);
	(void)umask(0);
	if (work(worker, &err) < 0 || sync_send(worker->child_sync, SYNC_READY, &err) < 0)
		sync_send_error(worker->child_sync, &err);
	_exit(0);
}

static int enter(void *context, struct error *err)
{
	const struct worker *worker = context;

	return namespaces_enter_process(worker->bundle->config.linux_, worker->init, err);
}

/* Not into the container's cgroup: a paused one would hold it. */
static pid_t clone_child(struct worker *worker, struct error *err)
{
	const struct cgroup none = { .layout = CGROUP_DISABLED };
	const struct clone_passage passage = {
		.cgroup = &none,
		.enter = enter,
		.context = worker,
	};

	if (has_user_namespace(worker))
		return clone_through(&passage, &worker->pidfd, err);
	if (setns(worker->init, CLONE_NEWPID) < 0)
		return error_set(err, errno,
				 "cannot join the pid namespace of process %d",
				 worker->record.pid);
	return clone_straight(&none, 0, &worker->pidfd, err);
}

static int hear_child(const struct worker *worker, struct error *err)
{
	struct sync_message message;

	if (sync_receive(worker->sync, &message, err) < 0)
		return -1;
	(void)process_wait(worker->pidfd);
	if (message.type == SYNC_READY)
		return 0;
	if (message.type == SYNC_ERROR)
		*err = message.error;
	else
		(void)error_set(err, 0, "the process in the container was killed");
	return -1;
}

int mounts_change(const struct registry *registry, const struct mounts_request *request,
		  struct bundle *bundle, struct error *err)
{
	auto_worker struct worker worker = {
		.request = request,
		.bundle = bundle,
		.init = -1,
		.proc = -1,
		.sync = -1,
		.child_sync = -1,
		.pidfd = -1,
	};
	int ends[2];
	pid_t pid;

	if (find_container(&worker, registry, err) < 0 || prepare(&worker, err) < 0 ||
	    sync_open(ends, err) < 0)
		return -1;
	worker.sync = ends[0];
	worker.child_sync = ends[1];
	pid = clone_child(&worker, err);
	if (pid == 0)
		run_child(&worker);
	if (pid < 0)
		return -1;
	(void)close(take_fd(&worker.child_sync));
	return hear_child(&worker, err);
}
