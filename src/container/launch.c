/* SPDX-License-Identifier: Apache-2.0 */
#include <sched.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/path.h"
#include "container/checks.h"
#include "container/child.h"
#include "container/hooks.h"
#include "container/interrupt.h"
#include "container/launch.h"
#include "container/launch_parts.h"
#include "container/notify.h"
#include "container/placement.h"
#include "container/start.h"
#include "kernel/namespaces.h"
#include "kernel/terminal.h"
#include "oci/bundle.h"

static void launch_release(struct launch *launch)
{
	const int owned[] = { launch->console,  launch->pidfd_socket, launch->sync,
			      launch->notify,   launch->init.start,   launch->init.answer,
			      launch->init.sync };

	bool was_undone = launch->has_begun && !launch->attempt.kept;

	seed_end(&launch->seed);
	attempt_release(&launch->attempt);
	if (was_undone)
		hooks_run_poststop(launch->config, &launch->attempt.record);
	for (size_t i = 0; i < sizeof(owned) / sizeof(owned[0]); i++) {
		if (owned[i] >= 0)
			(void)close(owned[i]);
	}
	cgroup_subgroup_release(&launch->subgroup);
	namespaces_release(&launch->namespaces);
	arena_release(&launch->arena);
}

#define auto_launch __attribute__((cleanup(launch_release)))

static int check_layers(const struct launch *launch, struct error *err)
{
	if (launch->config->root->overlay == NULL)
		return 0;
	return layers_check(&launch->layers_request, err);
}

static int choose_cgroup(struct launch *launch, struct error *err)
{
	struct attempt *attempt = &launch->attempt;
	const struct placement placement = { launch->config->linux_,
					     launch->request->cgroup_manager };

	attempt->record.id = launch->request->id;
	if (placement.manager == CGROUP_MANAGER_DISABLED)
		return 0;
	if (placement_find(&placement, &launch->arena, &attempt->record, &attempt->cgroup,
			   err) < 0)
		return -1;
	placement_warn(launch->config->linux_, &attempt->cgroup);
	return 0;
}

static int plan_rdt(struct launch *launch, struct error *err)
{
	const struct config_intel_rdt *config = launch->config->linux_->intel_rdt;
	struct intel_rdt *rdt = &launch->attempt.record.rdt;

	if (config == NULL)
		return 0;
	rdt->root = intel_rdt_root(&launch->arena, err);
	if (rdt->root == NULL)
		return -1;
	return intel_rdt_plan(config, launch->request->id, &launch->arena, rdt, err);
}

static int check(struct launch *launch, struct error *err)
{
	const struct launch_request *request = launch->request;

	if (registry_check_id(request->id, err) < 0 ||
	    registry_open(&launch->attempt.registry, request->root, 0, err) < 0 ||
	    registry_check_free(&launch->attempt.registry, request->id, err) < 0 ||
	    (request->restore != NULL && launch_check_restore(launch, err) < 0) ||
	    child_check(&request->child, launch->config->process, err) < 0 ||
	    checks_run(request->bundle, err) < 0 || check_layers(launch, err) < 0 ||
	    choose_cgroup(launch, err) < 0 || launch_plan_subgroup(launch, err) < 0 ||
	    plan_rdt(launch, err) < 0 ||
	    namespaces_open(&launch->namespaces, launch->config->linux_, err) < 0)
		return -1;
	if (request->child.console_socket != NULL) {
		launch->console = terminal_connect(request->child.console_socket, err);
		if (launch->console < 0)
			return -1;
	}
	if (request->child.pidfd_socket != NULL) {
		launch->pidfd_socket = terminal_connect(request->child.pidfd_socket, err);
		if (launch->pidfd_socket < 0)
			return -1;
	}
	return 0;
}

static void fill_record(struct launch *launch)
{
	const struct launch_request *request = launch->request;
	struct record *record = &launch->attempt.record;
	const char *root = launch->config->root->path;

	record->oci_version = launch->config->oci_version;
	record->id = request->id;
	record->bundle = request->bundle->path;
	record->rootfs = root == NULL
				 ? ""
				 : path_join(&launch->arena, request->bundle->path, root);
	record->created = clock_text(&launch->arena);
	record->owner = getuid();
	record->no_new_keyring = request->no_new_keyring;
	record->deleted_at_end = request->deleted_at_end;
	record->annotations = launch->config->annotations;
	record->has_user_namespace =
		(namespaces_listed(launch->config->linux_) & CLONE_NEWUSER) != 0;
	record->has_hooks = hooks_have(launch->config, HOOKS_POSTSTART) ||
			    hooks_have(launch->config, HOOKS_POSTSTOP);
}

/* Takes the id and writes down what is about to be made. */
static int reserve(struct launch *launch, struct error *err)
{
	struct attempt *attempt = &launch->attempt;

	fill_record(launch);
	if (launch->config->root->overlay != NULL &&
	    layers_plan(&launch->layers_request, &launch->arena, &attempt->record, err) <
		    0)
		return -1;
	if (attempt->registry.fd < 0 &&
	    registry_open(&attempt->registry, launch->request->root, REGISTRY_MAKE, err) <
		    0)
		return -1;
	attempt->entryfd = registry_reserve(&attempt->registry, attempt->id, err);
	if (attempt->entryfd < 0)
		return -1;
	return registry_save(attempt->entryfd, &attempt->record, err);
}

static int make_rdt(struct launch *launch, struct error *err)
{
	const struct config_intel_rdt *config = launch->config->linux_->intel_rdt;

	return config == NULL
		       ? 0
		       : intel_rdt_create(config, &launch->attempt.record.rdt, err);
}

/* Cgroup, layers and the ends of the conversation. */
static int prepare(struct launch *launch, struct error *err)
{
	struct attempt *attempt = &launch->attempt;
	int ends[2];

	if (launch_make_cgroup(launch, err) < 0 || make_rdt(launch, err) < 0)
		return -1;
	if (launch->config->root->overlay != NULL &&
	    layers_prepare(&launch->layers_request, &launch->arena, &attempt->record,
			   &launch->layers, err) < 0)
		return -1;
	if (registry_save(attempt->entryfd, &attempt->record, err) < 0)
		return -1;
	if (launch->layers != NULL)
		layers_settle(launch->layers);
	/* Only now is what is in the cgroup on record as ours. */
	if (cgroup_subgroup_create(&launch->subgroup, &attempt->cgroup, err) < 0 ||
	    (launch->seed.pidfd >= 0 &&
	     cgroup_subgroup_take(&launch->subgroup, launch->seed.pid, err) < 0))
		return -1;
	/* Device rules of v1 are written one by one, all denied first: not while the
	 * child makes its devices. */
	if (attempt->cgroup.hierarchies_count > 0 &&
	    cgroup_apply(&attempt->cgroup, launch->config->linux_->resources, err) < 0)
		return -1;
	if (launch->request->wait_for_start &&
	    start_prepare(attempt->entryfd, &launch->init.start, &launch->init.answer,
			  err) < 0)
		return -1;
	if (launch->layers_request.notify &&
	    (notify_make(attempt->entryfd, err) < 0 ||
	     (!launch->request->wait_for_start &&
	      notify_listen(attempt->entryfd, &launch->notify, err) < 0)))
		return -1;
	if (sync_open(ends, err) < 0)
		return -1;
	launch->sync = ends[0];
	launch->init.sync = ends[1];
	return 0;
}

static int announce(const struct launch *launch, struct error *err)
{
	const struct launch_request *request = launch->request;
	const struct attempt *attempt = &launch->attempt;

	if (child_write_pid(request->child.pid_file, attempt->record.pid, err) < 0)
		return -1;
	if (launch->pidfd_socket >= 0 &&
	    child_send_pidfd(launch->pidfd_socket, request->child.pidfd_socket,
			     attempt->pidfd, err) < 0)
		return -1;
	if (!request->wait_for_start)
		return hooks_run(launch->config, HOOKS_POSTSTART,
				 &(struct hooks_state){ &attempt->record, STATUS_RUNNING,
							attempt->record.pid },
				 err);
	/* A signal that would have ended us is a wish not to have the container, and our
	 * exit status will say so. Foreground runs hand it on instead. */
	if (interrupt_check(err) < 0)
		return -1;
	return start_offer(attempt->entryfd, err);
}

static bool wants_notify(const struct launch *launch)
{
	return notify_is_wanted() && !launch->request->child.foreground_terminal;
}

static int make_process(struct launch *launch, int *master, struct error *err)
{
	enum sync_type until = launch->request->wait_for_start ? SYNC_READY : SYNC_END;

	if (launch->request->restore != NULL)
		return launch_restore(launch, master, err);
	if (launch_child(launch, err) < 0 || launch_serve(launch, master, err) < 0)
		return -1;
	return launch_hear(launch, until, master, err);
}

static int launch_steps(struct launch *launch, int *master, struct error *err)
{
	if (check(launch, err) < 0 || reserve(launch, err) < 0 ||
	    prepare(launch, err) < 0 || make_process(launch, master, err) < 0)
		return -1;
	return announce(launch, err);
}

int launch(const struct launch_request *request, struct launched *launched,
	   struct error *err)
{
	auto_launch struct launch launch = {
		.request = request,
		.config = &request->bundle->config,
		.attempt = { .registry = { .fd = -1 },
			     .id = request->id,
			     .entryfd = -1,
			     .pidfd = -1 },
		.layers_request = { .config = &request->bundle->config,
				    .bundle_path = request->bundle->path,
				    .root = request->root,
				    .data_root = request->data_root,
				    .claims = request->claims,
				    .id = request->id,
				    .user_namespace = -1 },
		.subgroup = { .procs = -1, .subtree_control = -1 },
		.seed = { .pidfd = -1 },
		.console = -1,
		.pidfd_socket = -1,
		.notify = -1,
		.sync = -1,
		.init = { .sync = -1,
			  .start = -1,
			  .answer = -1,
			  .null = -1,
			  .tree = -1,
			  .notify = -1 },
	};
	auto_close int master = -1;

	launch.layers_request.notify = wants_notify(&launch);
	if (launch_steps(&launch, &master, err) < 0)
		return bundle_locate(request->bundle, err);
	launch.attempt.kept = true;
	launched->pid = launch.attempt.record.pid;
	launched->pidfd = take_fd(&launch.attempt.pidfd);
	launched->master = take_fd(&master);
	launched->notify = take_fd(&launch.notify);
	return 0;
}
