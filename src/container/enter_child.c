/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/process.h"
#include "base/procfs.h"
#include "container/child.h"
#include "container/clone.h"
#include "container/enter_parts.h"
#include "container/steps.h"
#include "container/sync.h"
#include "container/systemd.h"
#include "kernel/affinity.h"
#include "kernel/inside.h"
#include "kernel/namespaces.h"
#include "kernel/rootfs.h"
#include "kernel/terminal.h"
#include "oci/config.h"

static int open_proc(struct entry *entry, struct error *err)
{
	entry->process.procfd = procfs_open(err);
	return entry->process.procfd < 0 ? -1 : 0;
}

/* In the process between, where the container has a user namespace. */
static int pass(void *context, struct error *err)
{
	struct entry *entry = context;

	if (intel_rdt_join(&entry->record.rdt, 0, err) < 0 || open_proc(entry, err) < 0 ||
	    process_prepare_outside(&entry->process, err) < 0)
		return -1;
	return namespaces_enter_process(enter_linux(entry), entry->init, err);
}

static int step_cgroup(void *context, struct error *err)
{
	const struct entry *entry = context;

	if (entry->process.is_inside)
		return 0;
	if (intel_rdt_join(&entry->record.rdt, 0, err) < 0)
		return -1;
	return cgroup_join(&entry->cgroup, 0, err);
}

static int step_affinity(void *context, struct error *err)
{
	const struct entry *entry = context;

	return affinity_end(entry->request->process->exec_cpu_affinity, err);
}

static int step_namespaces(void *context, struct error *err)
{
	struct entry *entry = context;

	if ((!entry->process.is_inside && open_proc(entry, err) < 0) ||
	    namespaces_join_process(enter_linux(entry), entry->init, err) < 0)
		return -1;
	return entry->root < 0 ? 0 : rootfs_change(entry->root, err);
}

static int step_terminal(void *context, struct error *err)
{
	struct entry *entry = context;
	const struct config_process *config = entry->process.config;
	auto_close int rootfd = -1;
	auto_close int devfd = -1;
	auto_close int master = -1;

	if (!config->terminal)
		return 0;
	/* No link of the container may lead through our descriptors. */
	rootfd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	devfd = rootfd < 0 ? -1 : inside_open(rootfd, "/dev", O_PATH | O_DIRECTORY);
	if (devfd < 0)
		return error_set(err, errno, "cannot open '/dev'");
	if (terminal_open(devfd, config, &master, &entry->process.terminal, err) < 0)
		return -1;
	return child_hand_over_terminal(entry->console, entry->child_sync, master, err);
}

static const struct step enter_steps[] = {
	{ "cgroup", step_cgroup },         /* while the host's cgroups are in view */
	{ "affinity", step_affinity },     /* that of the cgroup is known */
	{ "namespaces", step_namespaces }, /* the root is the container's from here on */
	{ "terminal", step_terminal },     /* on the devpts of the container */
	{ NULL, NULL },
};

static _Noreturn void run_child(struct entry *entry)
{
	struct error err = { 0 };

	(void)close(entry->sync);
	process_reset_signals();
	(void)umask(0);
	if (steps_run(enter_steps, entry, &err) == 0 &&
	    process_prepare(&entry->process, &err) == 0 &&
	    sync_send(entry->child_sync, SYNC_READY, &err) == 0)
		(void)process_execute(&entry->process, &err);
	sync_send_error(entry->child_sync, &err);
	_exit(1);
}

static pid_t clone_direct(struct entry *entry, struct error *err)
{
	if (setns(entry->init, CLONE_NEWPID) < 0)
		return error_set(err, errno,
				 "cannot join the pid namespace of process %d",
				 entry->record.pid);
	return clone_straight(&entry->cgroup, 0, &entry->pidfd, err);
}

static int attach(void *context, struct error *err)
{
	const struct entry *entry = context;

	return systemd_attach(&entry->record, getpid(), err);
}

static pid_t clone_by_passage(struct entry *entry, struct error *err)
{
	const struct clone_passage passage = {
		.cgroup = &entry->cgroup,
		/* systemd would put it into the unit's own cgroup. */
		.attach = entry->record.unit != NULL && entry->request->cgroups[0] == NULL
				  ? attach
				  : NULL,
		.enter = pass,
		.context = entry,
	};

	return clone_through(&passage, &entry->pidfd, err);
}

pid_t enter_clone(struct entry *entry, struct error *err)
{
	pid_t pid;

	if (affinity_begin(entry->request->process->exec_cpu_affinity, err) < 0)
		return -1;
	pid = (namespaces_listed(enter_linux(entry)) & CLONE_NEWUSER) != 0
		      ? clone_by_passage(entry, err)
		      : clone_direct(entry, err);
	if (pid == 0)
		run_child(entry);
	if (pid < 0 && err->code == EBUSY)
		return error_hint(err, "a cgroup with controllers for those below it has "
				       "no processes: --cgroup names another");
	if (pid < 0)
		return -1;
	(void)close(entry->child_sync);
	entry->child_sync = -1;
	return pid;
}
