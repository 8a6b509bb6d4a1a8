/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/signalfd.h>

#include "base/error.h"
#include "container/interrupt.h"

/* Those that a caller sends to a program which has to go, first. */
static const int fatal[] = { SIGHUP,  SIGINT,  SIGQUIT, SIGTERM,
			     SIGPIPE, SIGUSR1, SIGUSR2, SIGALRM };

enum { REQUESTS = 4, FATAL_COUNT = sizeof(fatal) / sizeof(fatal[0]) };

/* Not one that our caller has us ignore, as nohup(1) does with SIGHUP. */
static bool is_default(int number)
{
	struct sigaction action;

	return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_DFL;
}

int interrupt_open(void)
{
	sigset_t requests;

	(void)sigemptyset(&requests);
	for (size_t i = 0; i < REQUESTS; i++) {
		if (is_default(fatal[i]))
			(void)sigaddset(&requests, fatal[i]);
	}
	return signalfd(-1, &requests, SFD_CLOEXEC);
}

int interrupt_check(struct error *err)
{
	sigset_t pending;

	(void)sigpending(&pending);
	for (size_t i = 0; i < FATAL_COUNT; i++) {
		if (sigismember(&pending, fatal[i]) > 0 && is_default(fatal[i]))
			return error_set(err, 0, "interrupted by SIG%s",
					 sigabbrev_np(fatal[i]));
	}
	return 0;
}
