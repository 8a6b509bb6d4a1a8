/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/fds.h"
#include "base/file.h"
#include "base/process.h"
#include "base/syscalls.h"
#include "base/text.h"
#include "container/child.h"
#include "container/filter.h"
#include "container/interrupt.h"
#include "kernel/cgroup.h"
#include "kernel/terminal.h"
#include "oci/config.h"

static int check_terminal(const struct child_request *request, bool terminal,
			  struct error *err)
{
	if (terminal && request->console_socket == NULL &&
	    !request->foreground_terminal) {
		(void)error_set(err, 0, "nobody is there to take the terminal");
		(void)error_hint(err, "give --console-socket");
		return error_at(err, "process.terminal");
	}
	if (!terminal && request->console_socket != NULL)
		return error_set(err, 0,
				 "--console-socket is given, but no terminal is asked "
				 "for");
	return 0;
}

static int check_pid_file(const char *path, struct error *err)
{
	struct stat status;

	if (path == NULL || lstat(path, &status) < 0 || S_ISREG(status.st_mode) ||
	    S_ISLNK(status.st_mode))
		return 0;
	return error_set(err, 0, "the pid file '%s' is there and is not a regular file",
			 path);
}

int child_check(const struct child_request *request, const struct config_process *process,
		struct error *err)
{
	if (check_terminal(request, process->terminal, err) < 0)
		return -1;
	return check_pid_file(request->pid_file, err);
}

static int died(int pidfd, struct error *err)
{
	int status = process_wait(pidfd);

	if (status > 128)
		(void)error_set(err, 0,
				"the container process was killed by signal %d before it "
				"could run",
				status - 128);
	else
		(void)error_set(err, 0,
				"the container process ended before it could run");
	err->code = ESRCH;
	return -1;
}

/* A message of the child's before a signal: it may be the last thing to wait for. */
static int wait_heard(int sync, int interruptfd, struct error *err)
{
	struct pollfd events[] = { { .fd = sync, .events = POLLIN },
				   { .fd = interruptfd, .events = POLLIN } };

	for (;;) {
		if (poll(events, 2, -1) < 0 && errno != EINTR)
			return error_set(err, errno, "cannot hear the container process");
		if (events[0].revents != 0)
			return 0;
		if (events[1].revents != 0 && interrupt_check(err) < 0)
			return -1;
	}
}

int child_hear(const struct filter_owner *owner, enum sync_type until, int *master,
	       struct error *err)
{
	auto_close int interruptfd = interrupt_open();
	struct sync_message message;
	bool ready = false;

	do {
		if (wait_heard(owner->sync, interruptfd, err) < 0 ||
		    sync_receive(owner->sync, &message, err) < 0)
			return -1;
		if (message.type == SYNC_ERROR) {
			*err = message.error;
			return -1;
		}
		if (message.type == SYNC_END && !ready)
			return died(owner->pidfd, err);
		if (message.type == SYNC_TERMINAL)
			*master = message.fd;
		if (message.type == SYNC_LISTENER &&
		    filter_hand_over(owner, &message, err) < 0)
			return -1;
		ready = ready || message.type == SYNC_READY;
	} while (message.type != until);
	return 0;
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
