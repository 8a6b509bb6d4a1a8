/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/fds.h"
#include "base/file.h"
#include "base/syscalls.h"
#include "base/text.h"
#include "container/child.h"
#include "container/sync.h"
#include "kernel/cgroup.h"
#include "kernel/terminal.h"

pid_t child_clone(const struct cgroup *cgroup, uint64_t namespaces, int *pidfd,
		  struct error *err)
{
	auto_close int cgroupfd = -1;
	struct clone_args args = {
		.flags = namespaces | CLONE_PIDFD | CLONE_CLEAR_SIGHAND,
		.pidfd = (uint64_t)(uintptr_t)pidfd,
		.exit_signal = SIGCHLD,
	};
	pid_t pid;

	if (cgroup_open(cgroup, &cgroupfd, err) < 0)
		return -1;
	if (cgroupfd >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)cgroupfd;
	}
	/* CVE-2016-9962. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return error_set(err, errno, "cannot clear the dumpable flag");
	pid = sys_clone3(&args);
	if (pid < 0)
		return error_set(err, errno, "cannot create the process");
	return pid;
}

int child_hand_over_terminal(int console, int sync, int master, struct error *err)
{
	if (console >= 0)
		return terminal_send(console, master, err);
	terminal_prepare(master);
	return sync_send_terminal(sync, master, err);
}

int child_write_pid(const char *path, pid_t pid, struct error *err)
{
	auto_text struct text text = { 0 };

	if (path == NULL)
		return 0;
	text_format(&text, "%d", pid);
	return file_replace(AT_FDCWD, path, &text, err);
}

int child_send_pidfd(int socket, const char *path, int pidfd, struct error *err)
{
	if (fds_send(socket, "minirun", 7, &pidfd, 1) < 0)
		return error_set(err, errno, "cannot send to '%s'", path);
	return 0;
}
