/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/process.h"
#include "container/activation.h"
#include "container/child.h"
#include "container/clone.h"
#include "container/describe.h"
#include "container/filter.h"
#include "container/hooks.h"
#include "container/launch.h"
#include "container/launch_parts.h"
#include "container/placement.h"
#include "container/systemd.h"
#include "kernel/capabilities.h"
#include "kernel/network_devices.h"
#include "oci/bundle.h"

static void fill_init(struct launch *launch)
{
	const struct launch_request *request = launch->request;
	struct init *init = &launch->init;

	init->request = request;
	init->record = &launch->attempt.record;
	init->namespaces = &launch->namespaces;
	init->cgroup = &launch->attempt.cgroup;
	init->subgroup = &launch->subgroup;
	init->layers = launch->layers;
	init->layers_request = &launch->layers_request;
	init->console = launch->console;
	if (capabilities_have(CAP_SYS_ADMIN))
		launch->layers_request.user_namespace =
			namespaces_find(&launch->namespaces, CLONE_NEWUSER);
	init->process = (struct process){
		.config = launch->config->process,
		.container = launch->config,
		.keyring = request->no_new_keyring ? NULL : request->id,
		.notify = launch->layers_request.notify,
		.procfd = -1,
		.terminal = -1,
		.sync = init->sync,
		.passes_listener = !filter_can_take(),
		.activated = activation_count(),
		.preserve_fds = request->child.preserve_fds,
		.kept = { init->sync, init->start, init->answer },
	};
}

/* The launcher's end of the conversation and its lock must end with the launcher: the
 * child would neither see it die nor let `delete` in. */
static _Noreturn void run_child(struct launch *launch)
{
	(void)close(launch->sync);
	(void)close(launch->attempt.entryfd);
	(void)close(launch->attempt.registry.fd);
	init_run(&launch->init);
}

static pid_t clone_direct(struct launch *launch, struct error *err)
{
	struct attempt *attempt = &launch->attempt;
	pid_t pid;

	if (namespaces_enter_pid(&launch->namespaces, err) < 0)
		return -1;
	pid = clone_straight(&attempt->cgroup, launch->namespaces.clone_flags,
			     &attempt->pidfd, err);
	if (pid > 0 && namespaces_leave_pid(&launch->namespaces, err) < 0)
		return -1;
	return pid;
}

static int attach(void *context, struct error *err)
{
	const struct init *init = context;

	return systemd_attach(init->record, getpid(), err);
}

/* The root of a user namespace may reach less of the host than we: who may mount opens
 * for it what it mounts. Who may not, an ordinary user, leaves it to the namespace's
 * root. */
static pid_t clone_by_passage(struct launch *launch, struct error *err)
{
	const struct clone_passage passage = {
		.cgroup = &launch->attempt.cgroup,
		.namespaces = launch->namespaces.clone_flags,
		.attach = launch->attempt.record.unit != NULL ? attach : NULL,
		.enter = init_pass,
		.context = &launch->init,
	};
	pid_t pid;

	if (namespaces_find(&launch->namespaces, CLONE_NEWUSER) >= 0 &&
	    capabilities_have(CAP_SYS_ADMIN) && init_open(&launch->init, err) < 0)
		return -1;
	pid = clone_through(&passage, &launch->attempt.pidfd, err);
	if (pid > 0)
		init_close(&launch->init);
	return pid;
}

int launch_child(struct launch *launch, struct error *err)
{
	struct attempt *attempt = &launch->attempt;
	pid_t pid;

	fill_init(launch);
	pid = namespaces_in_two_steps(&launch->namespaces) ? clone_by_passage(launch, err)
							   : clone_direct(launch, err);
	if (pid == 0)
		run_child(launch);
	if (pid < 0)
		return -1;
	attempt->record.pid = pid;
	(void)close(launch->init.sync);
	launch->init.sync = -1;
	return 0;
}

int launch_hear(const struct launch *launch, enum sync_type until, int *master,
		struct error *err)
{
	const struct record *record = &launch->attempt.record;
	const struct filter_owner owner = {
		.seccomp = launch->config->linux_->seccomp,
		.state = describe_record(record, STATUS_CREATING, record->pid),
		.pid = record->pid,
		.pidfd = launch->attempt.pidfd,
		.sync = launch->sync,
	};

	return child_hear(&owner, until, master, err);
}

int launch_run_hooks(struct launch *launch, struct error *err)
{
	const struct attempt *attempt = &launch->attempt;
	struct hooks_state state = { &attempt->record, STATUS_CREATED,
				     attempt->record.pid };

	launch->has_begun = true;
	/* "created" is what these have always been told, by crun and in the suite of
	 * runtime-tools: from the time when they belonged to start. */
	if (hooks_run(launch->config, HOOKS_PRESTART, &state, err) < 0)
		return -1;
	state.status = STATUS_CREATING;
	return hooks_run(launch->config, HOOKS_CREATE_RUNTIME, &state, err);
}

/* Where the child has ended, the error is its own. */
static int open_network(struct launch *launch, int *master, struct error *err)
{
	int joined = namespaces_find(&launch->namespaces, CLONE_NEWNET), fd;
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/ns/net", launch->attempt.record.pid);
	if (joined >= 0)
		fd = fcntl(joined, F_DUPFD_CLOEXEC, 3);
	else
		fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT) { /* it has ended */
		(void)launch_hear(launch, SYNC_END, master, err);
		return -1;
	}
	return fd >= 0 ? fd : error_set(err, errno, "cannot open '%s'", path);
}

/* The namespaces are there since the child is. It waits in that of the network. */
static int move_devices(struct launch *launch, int *master, struct error *err)
{
	auto_close int fd = -1;

	if (launch->config->linux_->net_devices_count == 0)
		return 0;
	fd = open_network(launch, master, err);
	if (fd < 0 || network_devices_move(launch->config->linux_, fd, err) < 0)
		return -1;
	return sync_send_devices(launch->sync, err);
}

/* Once the child is as far as they want it, and limited. */
static int run_hooks(struct launch *launch, int *master, struct error *err)
{
	if (launch_hear(launch, SYNC_HOOKS, master, err) < 0)
		return -1;
	return launch_run_hooks(launch, err);
}

/* The limits of the one above the subgroup are not the container's to change. */
int launch_give_cgroup(const struct launch *launch, struct error *err)
{
	struct cgroup cgroup = launch->attempt.cgroup;
	uid_t owner;

	if (!placement_has_owner(launch->config, &owner))
		return 0;
	if (launch->subgroup.path != NULL)
		cgroup.path = launch->subgroup.path;
	return cgroup_give(&cgroup, owner, err);
}

int launch_record(struct launch *launch, struct error *err)
{
	struct attempt *attempt = &launch->attempt;

	attempt->record.start_time = process_start_time(attempt->record.pid);
	if (file_replace(attempt->entryfd, "config.json", &launch->request->bundle->text,
			 err) < 0)
		return -1;
	return registry_save(attempt->entryfd, &attempt->record, err);
}

int launch_serve(struct launch *launch, int *master, struct error *err)
{
	static struct seccomp_program program;
	const struct config_linux *linux_ = launch->config->linux_;
	struct attempt *attempt = &launch->attempt;

	if (move_devices(launch, master, err) < 0)
		return -1;
	if (intel_rdt_join(&attempt->record.rdt, attempt->record.pid, err) < 0)
		return -1;
	/* Limits are for the container, not for who keeps its place. */
	seed_end(&launch->seed);
	if (systemd_limit(&attempt->record, linux_->resources, err) < 0)
		return -1;
	if (attempt->cgroup.hierarchies_count == 0 &&
	    cgroup_apply(&attempt->cgroup, linux_->resources, err) < 0)
		return -1;
	if (launch_give_cgroup(launch, err) < 0)
		return -1;
	if (filter_compile(attempt->registry.fd, linux_->seccomp, &program, err) < 0)
		return -1;
	if (launch_record(launch, err) < 0)
		return -1;
	if (hooks_before_start(launch->config) && run_hooks(launch, master, err) < 0)
		return -1;
	return sync_send_go(launch->sync, &program, err);
}
