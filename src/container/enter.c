/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/process.h"
#include "container/activation.h"
#include "container/child.h"
#include "container/describe.h"
#include "container/enter_parts.h"
#include "container/filter.h"
#include "container/launch.h"
#include "container/recorded.h"
#include "container/registry.h"
#include "container/status.h"
#include "container/sync.h"
#include "kernel/cgroup_below.h"
#include "kernel/namespaces.h"
#include "kernel/terminal.h"
#include "oci/bundle.h"

enum {
	END_PATIENCE = 1000, /* milliseconds */
};

static void entry_release(struct entry *entry)
{
	const int owned[] = { entry->init, entry->root,       entry->console,
			      entry->sync, entry->child_sync, entry->pidfd };

	for (size_t i = 0; i < sizeof(owned) / sizeof(owned[0]); i++) {
		if (owned[i] >= 0)
			(void)close(owned[i]);
	}
	arena_release(&entry->arena);
}

#define auto_entry __attribute__((cleanup(entry_release)))

static int stopped(struct error *err)
{
	return error_set(err, 0, "cannot exec in a stopped container");
}

/* A file of ROOT/ID is not there yet, or no longer. */
static int not_whole(struct error *err)
{
	return error_set(err, 0,
			 "cannot exec in a container that is being created or deleted");
}

int enter_load(const struct registry *registry, const char *id, struct bundle *bundle,
	       struct error *err)
{
	auto_close int entryfd = registry_find(registry, id, err);

	if (entryfd < 0)
		return -1;
	if (bundle_load_copy(bundle, entryfd, "config.json", err) == 0)
		return 0;
	return err->code == ENOENT ? not_whole(err) : -1;
}

const struct config_linux *enter_linux(const struct entry *entry)
{
	return entry->request->bundle->config.linux_;
}

static int check_status(struct entry *entry, int entryfd, struct error *err)
{
	enum status status;

	if (status_find(entryfd, &entry->record, &status, err) < 0)
		return -1;
	if (status == STATUS_STOPPED)
		return stopped(err);
	if (status == STATUS_CREATING)
		return error_set(err, 0,
				 "cannot exec in a container that is being created");
	if (status == STATUS_PAUSED && !entry->request->ignore_paused) {
		(void)error_set(err, 0, "cannot exec in a paused container");
		return error_hint(err, "use --ignore-paused to override");
	}
	return 0;
}

static int find_cgroup(struct entry *entry, struct error *err)
{
	const char *const *wanted = entry->request->cgroups;

	if (wanted[0] == NULL)
		return cgroup_of(&entry->cgroup, &entry->arena, entry->record.pid, err);
	if (cgroup_below(&entry->cgroup, &entry->arena, wanted, err) < 0)
		return error_prefix(err, "option '--cgroup'");
	return 0;
}

static int find_container(struct entry *entry, struct error *err)
{
	auto_close int entryfd = registry_find(entry->registry, entry->request->id, err);
	const struct record *record = &entry->record;

	if (entryfd < 0)
		return -1;
	if (registry_load(entryfd, &entry->record, &entry->arena, err) < 0)
		return err->code == ENOENT ? not_whole(err) : -1;
	if (check_status(entry, entryfd, err) < 0)
		return -1;
	entry->init = recorded_process(record);
	if (entry->init < 0 && errno == ESRCH)
		return stopped(err);
	if (entry->init < 0)
		return error_set(err, errno, "cannot open process %d", record->pid);
	if ((!namespaces_has_new(enter_linux(entry), CLONE_NEWNS) &&
	     recorded_root(record, entry->init, &entry->root, err) < 0) ||
	    recorded_cgroup(record, &entry->arena, &entry->cgroup, err) < 0)
		return -1;
	return find_cgroup(entry, err);
}

static int check(struct entry *entry, struct error *err)
{
	static struct seccomp_program program;
	const struct enter_request *request = entry->request;

	if (child_check(&request->child, request->process, err) < 0 ||
	    process_check(request->process, err) < 0)
		return -1;
	if ((namespaces_listed(enter_linux(entry)) & CLONE_NEWUSER) == 0)
		process_warn(request->process);
	entry->program = &program;
	if (filter_compile(entry->registry->fd, enter_linux(entry)->seccomp, &program,
			   err) < 0)
		return -1;
	if (request->child.console_socket == NULL)
		return 0;
	entry->console = terminal_connect(request->child.console_socket, err);
	return entry->console < 0 ? -1 : 0;
}

static int hear_child(const struct entry *entry, pid_t pid, int *master,
		      struct error *err)
{
	const struct record *record = &entry->record;
	const struct filter_owner owner = {
		.seccomp = enter_linux(entry)->seccomp,
		.state = describe_record(record, STATUS_RUNNING, record->pid),
		.pid = pid,
		.pidfd = entry->pidfd,
		.sync = entry->sync,
	};

	return child_hear(&owner, SYNC_END, master, err);
}

static int announce(const struct entry *entry, pid_t pid, struct error *err)
{
	const struct enter_request *request = entry->request;
	auto_close int socket = -1;

	if (child_write_pid(request->child.pid_file, pid, err) < 0)
		return -1;
	if (request->child.pidfd_socket == NULL)
		return 0;
	socket = terminal_connect(request->child.pidfd_socket, err);
	if (socket < 0)
		return -1;
	return child_send_pidfd(socket, request->child.pidfd_socket, entry->pidfd, err);
}

static void fill_process(struct entry *entry)
{
	entry->process = (struct process){
		.config = entry->request->process,
		.container = &entry->request->bundle->config,
		.keyring = entry->record.no_new_keyring ? NULL : entry->request->id,
		.procfd = -1,
		.terminal = -1,
		.sync = entry->child_sync,
		.passes_listener = !filter_can_take(),
		.activated = activation_count(),
		.preserve_fds = entry->request->child.preserve_fds,
		.program = entry->program,
		.kept = { entry->child_sync, -1, -1 },
	};
}

static int make_process(struct entry *entry, int *master, struct error *err)
{
	int ends[2];
	pid_t pid;

	if (check(entry, err) < 0 || sync_open(ends, err) < 0)
		return -1;
	entry->sync = ends[0];
	entry->child_sync = ends[1];
	fill_process(entry);
	pid = enter_clone(entry, err);
	if (pid < 0 || hear_child(entry, pid, master, err) < 0)
		return -1;
	return announce(entry, pid, err) < 0 ? -1 : pid;
}

/* Who is told of a failure does not expect that anything runs; and it may be stopped. */
static void end_process(const struct entry *entry)
{
	if (entry->pidfd < 0)
		return;
	(void)pidfd_send_signal(entry->pidfd, SIGKILL, NULL, 0);
	(void)process_wait(entry->pidfd);
}

/*
 * What fails because the container ends meanwhile has many faces: no such process, out of
 * memory for a process in a pid namespace without init (pid_namespaces(7)), no such
 * device for one in a removed cgroup. The container's init may not have ended then, but
 * will.
 */
static int give_up(const struct entry *entry, struct error *err)
{
	struct pollfd ended = { .fd = entry->init, .events = POLLIN };
	bool ending = err->code == ESRCH || err->code == ENOMEM || err->code == ENODEV;

	end_process(entry);
	return poll(&ended, 1, ending ? END_PATIENCE : 0) > 0 ? stopped(err) : -1;
}

int enter(const struct registry *registry, const struct enter_request *request,
	  struct launched *launched, struct error *err)
{
	auto_entry struct entry entry = { .registry = registry,
					  .request = request,
					  .init = -1,
					  .root = -1,
					  .console = -1,
					  .sync = -1,
					  .child_sync = -1,
					  .pidfd = -1 };
	auto_close int master = -1;
	pid_t pid = -1;

	if (find_container(&entry, err) == 0)
		pid = make_process(&entry, &master, err);
	if (pid < 0)
		return give_up(&entry, err);
	launched->pid = pid;
	launched->pidfd = take_fd(&entry.pidfd);
	launched->master = take_fd(&master);
	launched->notify = -1;
	return 0;
}
