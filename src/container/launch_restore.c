/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/process.h"
#include "base/protobuf.h"
#include "base/text.h"
#include "container/criu.h"
#include "container/criu_descriptors.h"
#include "container/criu_mounts.h"
#include "container/criu_namespaces.h"
#include "container/criu_options.h"
#include "container/launch.h"
#include "container/launch_parts.h"
#include "container/notify.h"
#include "kernel/inside.h"
#include "kernel/mounts.h"
#include "kernel/namespaces.h"
#include "kernel/network.h"
#include "kernel/network_devices.h"
#include "kernel/rootfs.h"
#include "kernel/terminal.h"
#include "oci/bundle.h"

enum { CGROUP_ROOT_PATH = 2 }; /* cgroup_root of rpc.proto */

struct restore {
	struct launch *launch;
	struct criu criu;
	struct text message; /* the criu_opts */
	const char *root;    /* where criu finds the container's root */
	int *master;
};

#define auto_restore __attribute__((cleanup(restore_release)))

static void restore_release(struct restore *restore)
{
	if (restore->criu.images >= 0)
		(void)close(restore->criu.images);
	if (restore->criu.work >= 0)
		(void)close(restore->criu.work);
	text_release(&restore->message);
}

int launch_check_restore(const struct launch *launch, struct error *err)
{
	const struct config *config = launch->config;

	if (geteuid() != 0)
		return error_set(err, 0, "criu needs root");
	if (criu_options_check(launch->request->restore, err) < 0 ||
	    criu_namespaces_check(config->linux_, err) < 0)
		return -1;
	if (config->root->overlay != NULL &&
	    namespaces_has_new(config->linux_, CLONE_NEWUSER))
		return error_set(err, 0,
				 "layers cannot be mapped to a user namespace that criu "
				 "makes");
	return 0;
}

/* As create does it, where an image has been made without them. */
static int make_point(int tree, const struct mount_point *point, struct error *err)
{
	auto_close int found = inside_open(tree, point->path, O_PATH);
	auto_close int made = -1;

	if (found >= 0 || errno != ENOENT || point->link != NULL)
		return 0;
	made = point->is_file
		       ? inside_make_file(tree, point->path, point->mode, err)
		       : inside_make_directory(tree, point->path, point->mode, err);
	return made < 0 ? error_prefix(err, "mount point '%s'", point->path) : 0;
}

static int open_root(const struct launch *launch, struct error *err)
{
	const struct bundle *bundle = launch->request->bundle;
	auto_arena struct arena arena = { 0 };
	const struct mount_point *points;
	auto_close int tree = -1;
	size_t count;

	if (launch->layers != NULL)
		return layers_mount(launch->layers, &launch->layers_request, err);
	tree = rootfs_open(launch->config->root, launch->config->linux_, bundle->path,
			   err);
	if (tree < 0)
		return -1;
	points = mounts_points(launch->config, bundle->path, &arena, &count);
	for (size_t i = 0; i < count; i++) {
		if (make_point(tree, &points[i], err) < 0)
			return -1;
	}
	return take_fd(&tree);
}

/* In criu's process: its cgroup has all that it makes, so that nothing outlives `delete`;
 * and the root is mounted where only criu sees it. */
static int prepare(void *context, struct error *err)
{
	struct restore *restore = context;
	const struct launch *launch = restore->launch;
	auto_close int tree = -1;

	if (criu_options_open(launch->request->restore, CRIU_PLACES_FIND, &restore->criu,
			      err) < 0 ||
	    cgroup_join(&launch->attempt.cgroup, 0, err) < 0)
		return -1;
	tree = open_root(launch, err);
	if (tree < 0 || rootfs_isolate(err) < 0)
		return -1;
	return rootfs_attach(tree, restore->root, err);
}

static int adopt(struct launch *launch, pid_t pid, struct error *err)
{
	struct attempt *attempt = &launch->attempt;

	if (attempt->record.pid == pid)
		return 0;
	attempt->pidfd = process_pidfd(pid);
	if (attempt->pidfd < 0)
		return error_set(err, errno, "cannot open process %d", pid);
	attempt->record.pid = pid;
	return launch_record(launch, err);
}

/* criu leaves it to us, and the sockets that it makes later may need it. */
static int set_loopback_up(int network, struct error *err)
{
	auto_close int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int result;

	if (own < 0 || setns(network, CLONE_NEWNET) < 0)
		return error_set(err, errno, "cannot enter the network namespace");
	result = network_apply(err);
	if (setns(own, CLONE_NEWNET) < 0)
		return error_set(err, errno, "cannot leave the network namespace");
	return result;
}

static int make_network(const struct launch *launch, struct error *err)
{
	const struct config_linux *linux_ = launch->config->linux_;
	auto_close int network = -1;
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/ns/net", launch->attempt.record.pid);
	network = open(path, O_RDONLY | O_CLOEXEC);
	if (network < 0)
		return error_set(err, errno, "cannot open '%s'", path);
	if (namespaces_has_new(linux_, CLONE_NEWNET) && set_loopback_up(network, err) < 0)
		return -1;
	return linux_->net_devices_count > 0 ? network_devices_move(linux_, network, err)
					     : 0;
}

/* The first process is in its namespaces, and has nothing else yet. */
static int set_up(struct launch *launch, pid_t pid, struct error *err)
{
	if (adopt(launch, pid, err) < 0 ||
	    intel_rdt_join(&launch->attempt.record.rdt, pid, err) < 0 ||
	    make_network(launch, err) < 0)
		return -1;
	return launch_run_hooks(launch, err);
}

static int take_terminal(const struct restore *restore, int terminal, struct error *err)
{
	const struct launch *launch = restore->launch;

	if (launch->console >= 0)
		return terminal_send(launch->console, terminal, err);
	if (!launch->request->child.foreground_terminal)
		return error_set(err, 0,
				 "the container had a terminal, which process.terminal "
				 "does not ask for");
	*restore->master = fcntl(terminal, F_DUPFD_CLOEXEC, 3);
	if (*restore->master < 0)
		return error_set(err, errno, "cannot keep the terminal");
	terminal_prepare(*restore->master);
	return 0;
}

/* criu leaves the mount of the root as it found it. It is in the container's namespace by
 * now, which a process of its own enters; nothing of the container runs yet. */
static int set_read_only(const struct launch *launch, struct error *err)
{
	auto_close int pidfd = -1;
	struct error ignored;
	pid_t pid;

	if (!launch->config->root->readonly)
		return 0;
	pid = fork();
	if (pid == 0)
		_exit(setns(launch->attempt.pidfd, CLONE_NEWNS) < 0 ||
		      rootfs_read_only(&ignored) < 0);
	pidfd = pid < 0 ? -1 : process_pidfd(pid);
	if (pidfd < 0 || process_wait(pidfd) != 0)
		return error_set(err, 0, "cannot make the root read-only");
	return 0;
}

static int notify(void *context, const struct criu_notice *notice, struct error *err)
{
	const struct restore *restore = context;

	if (strcmp(notice->script, "setup-namespaces") == 0)
		return set_up(restore->launch, notice->pid, err);
	if (strcmp(notice->script, "post-restore") == 0)
		return set_read_only(restore->launch, err);
	if (strcmp(notice->script, "orphan-pts-master") == 0 && notice->fd >= 0)
		return take_terminal(restore, notice->fd, err);
	return 0;
}

static void write_cgroup(const struct cgroup *cgroup, struct text *message)
{
	auto_text struct text root = { 0 };

	if (cgroup->layout == CGROUP_DISABLED)
		return;
	protobuf_put_text(&root, CGROUP_ROOT_PATH, cgroup->path);
	protobuf_put_message(message, CRIU_OPT_CG_ROOT, &root);
}

static int write_message(struct restore *restore, struct error *err)
{
	struct launch *launch = restore->launch;
	const struct cgroup *cgroup = &launch->attempt.cgroup;
	const struct criu_mounts mounts = {
		.config = launch->config,
		.bundle_path = launch->request->bundle->path,
		.cgroup = cgroup,
		.notify = arena_format(&launch->arena, "%s/%s/notify",
				       launch->request->root, launch->request->id),
	};
	struct text *message = &restore->message;

	criu_options_write(launch->request->restore, launch->config, cgroup, message);
	protobuf_put_uint(message, CRIU_OPT_EVASIVE_DEVICES, 1);
	protobuf_put_uint(message, CRIU_OPT_RST_SIBLING, 1);
	protobuf_put_text(message, CRIU_OPT_ROOT, restore->root);
	write_cgroup(cgroup, message);
	criu_namespaces_restore(&launch->namespaces, &restore->criu, message);
	criu_mounts_restore(&mounts, message);
	return criu_descriptors_restore(restore->criu.images, message, err);
}

/* Where the root will be, and the socket of notify.h that the container may have had. */
static int make_places(struct restore *restore, struct error *err)
{
	struct launch *launch = restore->launch;
	const struct launch_request *request = launch->request;
	auto_free char *root = realpath(request->root, NULL);

	/* criu looks for it in the mount table, which has no links. */
	restore->root = arena_format(&launch->arena, "%s/%s/root",
				     root == NULL ? request->root : root, request->id);
	if (mkdirat(launch->attempt.entryfd, "root", 0700) < 0)
		return error_set(err, errno, "cannot make '%s'", restore->root);
	return launch->layers_request.notify ? 0
					     : notify_make(launch->attempt.entryfd, err);
}

static int apply_limits(const struct launch *launch, struct error *err)
{
	const struct cgroup *cgroup = &launch->attempt.cgroup;

	if (cgroup->hierarchies_count == 0 &&
	    cgroup_apply(cgroup, launch->config->linux_->resources, err) < 0)
		return -1;
	return launch_give_cgroup(launch, err);
}

int launch_restore(struct launch *launch, int *master, struct error *err)
{
	auto_restore struct restore restore = {
		.launch = launch,
		.criu = { .request = CRIU_RESTORE,
			  .images = -1,
			  .work = -1,
			  .inherited = { -1, -1 },
			  .log = "restore.log",
			  .action = "restore the container",
			  .cgroup = &launch->attempt.cgroup,
			  .own_mounts = true,
			  .prepare = prepare,
			  .notify = notify,
			  .context = &restore },
		.master = master,
	};
	pid_t pid;

	if (criu_options_open(launch->request->restore, CRIU_PLACES_FIND, &restore.criu,
			      err) < 0 ||
	    make_places(&restore, err) < 0 || apply_limits(launch, err) < 0 ||
	    write_message(&restore, err) < 0)
		return -1;
	restore.criu.options = &restore.message;
	pid = criu_run(&restore.criu, err);
	if (pid < 0 || adopt(launch, pid, err) < 0)
		return -1;
	(void)unlinkat(launch->attempt.entryfd, "root", AT_REMOVEDIR);
	return 0;
}
