/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/path.h"
#include "base/process.h"
#include "base/procfs.h"
#include "container/child.h"
#include "container/hooks.h"
#include "container/init.h"
#include "container/launch.h"
#include "container/notify.h"
#include "container/start.h"
#include "container/steps.h"
#include "container/sync.h"
#include "kernel/affinity.h"
#include "kernel/cgroup.h"
#include "kernel/cgroup_subgroup.h"
#include "kernel/console.h"
#include "kernel/devices.h"
#include "kernel/hostname.h"
#include "kernel/inside.h"
#include "kernel/mounts.h"
#include "kernel/namespaces.h"
#include "kernel/network.h"
#include "kernel/paths.h"
#include "kernel/rootfs.h"
#include "kernel/sysctl.h"
#include "kernel/terminal.h"
#include "oci/bundle.h"

static const struct config *config_of(const struct init *init)
{
	return &init->request->bundle->config;
}

static int open_proc(struct init *init, struct error *err)
{
	init->process.procfd = procfs_open(err);
	return init->process.procfd < 0 ? -1 : 0;
}

int init_pass(void *context, struct error *err)
{
	struct init *init = context;

	if (open_proc(init, err) < 0 || process_prepare_outside(&init->process, err) < 0)
		return -1;
	if (namespaces_enter(init->namespaces, err) < 0)
		return error_prefix(err, "namespaces");
	return 0;
}

static int step_namespaces(void *context, struct error *err)
{
	struct init *init = context;

	if (init->process.is_inside)
		return 0;
	return open_proc(init, err) < 0 ? -1 : namespaces_join(init->namespaces, err);
}

static int step_cgroup(void *context, struct error *err)
{
	const struct init *init = context;

	if (!init->process.is_inside && cgroup_join(init->cgroup, 0, err) < 0)
		return -1;
	if (init->namespaces->new_cgroup && unshare(CLONE_NEWCGROUP) < 0)
		return error_set(err, errno, "cannot make a cgroup namespace");
	return cgroup_subgroup_join(init->subgroup, err);
}

static int step_affinity(void *context, struct error *err)
{
	(void)context;
	return affinity_end(NULL, err);
}

static int step_network(void *context, struct error *err)
{
	const struct init *init = context;

	if (init->namespaces->clone_flags & CLONE_NEWNET && network_apply(err) < 0)
		return -1;
	return config_of(init)->linux_->net_devices_count > 0
		       ? sync_wait_devices(init->sync, err)
		       : 0;
}

static int step_hostname(void *context, struct error *err)
{
	return hostname_apply(config_of(context), err);
}

static int step_sysctl(void *context, struct error *err)
{
	const struct init *init = context;

	return sysctl_apply(config_of(init), init->process.procfd, err);
}

static int step_null(void *context, struct error *err)
{
	struct init *init = context;

	init->null = paths_open_null(err);
	return init->null < 0 ? -1 : 0;
}

static int step_isolate(void *context, struct error *err)
{
	(void)context;
	return rootfs_isolate(err);
}

/* Hooks of the container's namespaces look for the root where the configuration says. */
static const char *root_place(struct init *init)
{
	const struct config *config = config_of(init);

	return hooks_have(config, HOOKS_CREATE_CONTAINER) && config->root->path != NULL
		       ? path_join(&init->arena, init->request->bundle->path,
				   config->root->path)
		       : "/";
}

static int step_root(void *context, struct error *err)
{
	struct init *init = context;

	return rootfs_attach(init->tree, root_place(init), err);
}

static int step_mounts(void *context, struct error *err)
{
	const struct init *init = context;

	return mounts_apply(init->mounts, init->tree, init->cgroup, err);
}

static enum devices_way devices_way(const struct init *init)
{
	return namespaces_find(init->namespaces, CLONE_NEWUSER) >= 0 || !process_is_host()
		       ? DEVICES_BOUND
		       : DEVICES_MADE;
}

static int step_notify(void *context, struct error *err)
{
	const struct init *init = context;

	return init->process.notify ? notify_attach(init->notify, init->tree, err) : 0;
}

static int step_devices(void *context, struct error *err)
{
	const struct init *init = context;
	auto_close int devfd = -1;

	if (mounts_bind_dev(config_of(init)))
		return 0;
	devfd = inside_open(init->tree, "/dev", O_PATH | O_DIRECTORY);
	if (devfd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0; /* a root without /dev wants none */
	if (devfd < 0)
		return error_set(err, errno, "cannot open '/dev'");
	return devices_apply(config_of(init)->linux_, init->tree, devfd,
			     devices_way(init), err);
}

static int step_paths(void *context, struct error *err)
{
	const struct init *init = context;

	return paths_apply(config_of(init)->linux_, init->tree, init->null, err);
}

static int step_terminal(void *context, struct error *err)
{
	struct init *init = context;
	const struct config_process *process = config_of(init)->process;
	auto_close int devfd = -1;
	auto_close int master = -1;

	if (!process->terminal)
		return 0;
	devfd = inside_open(init->tree, "/dev", O_PATH | O_DIRECTORY);
	if (devfd < 0)
		return error_set(err, errno, "cannot open '/dev'");
	if (terminal_open(devfd, process, &master, &init->process.terminal, err) < 0)
		return -1;
	if (!mounts_bind_dev(config_of(init)) &&
	    console_apply(init->tree, init->process.terminal, err) < 0)
		return -1;
	return child_hand_over_terminal(init->console, init->sync, master, err);
}

/* As other runtimes do. What cannot be made is told by the chdir(2) that needs it. */
static int step_directory(void *context, struct error *err)
{
	const struct init *init = context;
	const char *cwd = config_of(init)->process->cwd;
	auto_close int fd = inside_open(init->tree, cwd, O_PATH | O_DIRECTORY);
	struct error ignored;

	(void)err;
	if (fd < 0 && errno == ENOENT)
		fd = inside_make_directory(init->tree, cwd, 0755, &ignored);
	return 0;
}

static int hear_go(struct init *init, struct error *err)
{
	if (sync_wait_go(init->sync, init->process.program, err) < 0)
		return -1;
	init->may_go = true;
	return 0;
}

/* Those of the host are run by the launcher meanwhile. */
static int step_hooks(void *context, struct error *err)
{
	struct init *init = context;
	const struct hooks_state state = { init->record, STATUS_CREATING, getpid() };

	if (!hooks_before_start(config_of(init)))
		return 0;
	if (sync_send(init->sync, SYNC_HOOKS, err) < 0 || hear_go(init, err) < 0)
		return -1;
	return hooks_run(config_of(init), HOOKS_CREATE_CONTAINER, &state, err);
}

static int step_finish(void *context, struct error *err)
{
	const struct init *init = context;

	return mounts_finish(init->mounts, err);
}

static int step_enter(void *context, struct error *err)
{
	const struct init *init = context;

	return rootfs_enter(init->tree, init->request->no_pivot ? ROOTFS_NO_PIVOT : 0,
			    err);
}

static int step_propagation(void *context, struct error *err)
{
	return rootfs_propagate(config_of(context)->linux_, err);
}

/* Into the one that the configuration names, or leaves out. */
static int step_move(void *context, struct error *err)
{
	const struct init *init = context;
	int mounts = namespaces_find(init->namespaces, CLONE_NEWNS);

	return mounts < 0 ? 0 : rootfs_move(mounts, err);
}

static int step_read_only(void *context, struct error *err)
{
	const struct init *init = context;

	return config_of(init)->root->readonly ? rootfs_read_only(err) : 0;
}

/* The order is the design: each row says what must be true before it. */
static const struct step namespace_steps[] = {
	{ "namespaces", step_namespaces },
	{ "cgroup", step_cgroup },     /* while the host's cgroups are in view */
	{ "affinity", step_affinity }, /* that of the cgroup is known */
	{ "network", step_network },
	{ "hostname", step_hostname },
	{ "sysctl", step_sysctl }, /* in the namespaces it is meant for */
	{ NULL, NULL },
};

static const struct step root_steps[] = {
	{ "paths", step_null },
	{ "mounts",
	  step_isolate }, /* before anything is attached, or it reaches the host */
	{ "root", step_root },
	{ "mounts", step_mounts },
	{ "notify socket", step_notify },        /* after what is mounted on /run */
	{ "devices", step_devices },             /* after what is mounted on /dev */
	{ "paths", step_paths },                 /* after what they cover */
	{ "terminal", step_terminal },           /* on the devpts of the container */
	{ "working directory", step_directory }, /* while the root can be written */
	{ "mounts",
	  step_finish },         /* read-only what had to take devices and directories */
	{ "hooks", step_hooks }, /* while the host can be seen */
	{ "root", step_enter },  /* from here on the host cannot be named */
	{ "root", step_propagation }, /* where the host's mounts are out of reach */
	{ "root", step_read_only },   /* the last change of mounts */
	{ "namespaces", step_move },  /* where nothing is mounted */
	{ NULL, NULL },
};

static int make_root(struct init *init, struct error *err)
{
	if (init->tree < 0 && init_open(init, err) < 0)
		return -1;
	return steps_run(root_steps, init, err);
}

static int make_container(struct init *init, struct error *err)
{
	(void)umask(0); /* modes of the configuration are meant as they stand */
	if (steps_run(namespace_steps, init, err) < 0 || make_root(init, err) < 0)
		return -1;
	/* Until here a kill of the launcher leaves nothing that is not recorded. */
	if (!init->may_go && hear_go(init, err) < 0)
		return -1;
	return process_prepare(&init->process, err);
}

static int run_start_hooks(const struct init *init, struct error *err)
{
	const struct hooks_state state = { init->record, STATUS_CREATED, getpid() };

	return hooks_run(config_of(init), HOOKS_START_CONTAINER, &state, err);
}

/* Returns only on failure; *waited: the launcher has gone home, `start` is to be told. */
static void become_payload(struct init *init, bool *waited, struct error *err)
{
	if (init->start >= 0)
		start_end_when_asked();
	if (make_container(init, err) < 0)
		return;
	if (sync_send(init->sync, SYNC_READY, err) < 0)
		return;
	if (init->start >= 0) {
		*waited = true;
		if (start_wait(init->start, err) < 0)
			return;
	}
	if (run_start_hooks(init, err) == 0)
		(void)process_execute(&init->process, err);
}

_Noreturn void init_run(struct init *init)
{
	static struct seccomp_program program;
	struct error err = { 0 };
	bool waited = false;

	init->process.program = &program;
	process_reset_signals();
	become_payload(init, &waited, &err);
	if (waited)
		start_answer(init->answer, &err);
	else
		sync_send_error(init->sync, &err);
	_exit(1);
}
