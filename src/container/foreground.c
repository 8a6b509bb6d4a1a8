/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/error.h"
#include "base/process.h"
#include "container/foreground.h"
#include "container/launch.h"
#include "container/notify.h"
#include "kernel/terminal.h"

int foreground_open(struct error *err)
{
	static const int faults[] = { SIGSEGV, SIGBUS,  SIGFPE, SIGILL,
				      SIGABRT, SIGTRAP, SIGSYS };
	sigset_t blocked;
	int fd;

	(void)sigfillset(&blocked);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		(void)sigdelset(&blocked, faults[i]);
	if (sigprocmask(SIG_BLOCK, &blocked, NULL) < 0)
		return error_set(err, errno, "cannot block signals");
	fd = signalfd(-1, &blocked, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return error_set(err, errno, "cannot open a signalfd");
	return fd;
}

void foreground_close(void)
{
	sigset_t none;

	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* SIGCHLD is of our own children; the terminal's stops would halt the payload while
 * we could not be continued, as its group is another. */
static void forward(int pidfd, int signalfd)
{
	struct signalfd_siginfo info;

	while (read(signalfd, &info, sizeof(info)) == sizeof(info)) {
		int number = (int)info.ssi_signo;

		if (number != SIGCHLD && number != SIGPIPE && number != SIGURG &&
		    number != SIGWINCH && number != SIGTTIN && number != SIGTTOU)
			(void)pidfd_send_signal(pidfd, number, NULL, 0);
	}
}

int foreground_wait(const struct launched *launched, int signalfd, struct error *err)
{
	struct pollfd events[] = { { .fd = launched->pidfd, .events = POLLIN },
				   { .fd = signalfd, .events = POLLIN },
				   { .fd = launched->notify, .events = POLLIN } };
	int status;

	if (launched->master >= 0)
		return terminal_relay(launched->master, launched->pidfd, signalfd, err);
	do {
		if (poll(events, 3, -1) < 0 && errno != EINTR)
			return error_set(err, errno, "cannot wait for the container");
		if (events[1].revents != 0)
			forward(launched->pidfd, signalfd);
		if (events[2].revents != 0 && notify_is_ready(launched->notify))
			notify_tell(0);
	} while (events[0].revents == 0);
	status = process_wait(launched->pidfd);
	if (status < 0)
		return error_set(err, errno, "cannot wait for the container");
	return status;
}
