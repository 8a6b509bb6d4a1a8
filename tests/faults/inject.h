/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * inject - runs a program under ptrace(2) and, at one system call of one of its
 * processes, kills that process or makes the call fail. What strace's -e inject= does, at
 * a tenth of the price.
 */

#include <stdbool.h>
#include <sys/types.h>

enum { INJECT_PROCESSES_MAX = 16, INJECT_NONE = -1 };

struct injection {
	int process; /* 0: the program, 1: the first process it made, …; INJECT_NONE:
			count alone */
	int call;    /* from 1 */
	int error;   /* an errno value; 0: SIGKILL */
	int seconds; /* a run that takes longer is killed as a whole */
};

struct injected {
	bool reached; /* the call came */
	bool hung;
	int status;                      /* of the program, as a shell says it */
	long number;                     /* of the system call that was hit */
	int calls[INJECT_PROCESSES_MAX]; /* that each process made, execve(2) of a payload
					    the last */
	int processes;
};

/*
 * A process is followed until it executes a program whose name does not begin with
 * "minirun", or with a digit as that of a program executed by descriptor does: that one
 * is a payload.
 */
void inject_run(const struct injection *injection, char *const argv[],
		struct injected *injected);
