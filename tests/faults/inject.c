/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "inject.h"

enum {
	OPTIONS = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
		  PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC,
};

struct tracee {
	pid_t pid;
	bool inside;  /* a system call */
	bool started; /* its first stop is past */
	bool followed;
};

struct session {
	const struct injection *injection;
	struct injected *injected;
	struct tracee tracees[INJECT_PROCESSES_MAX];
	bool failing; /* the call's result is to be replaced when it returns */
};

static volatile sig_atomic_t late;

static void on_alarm(int number)
{
	(void)number;
	late = 1;
}

static pid_t start(char *const argv[])
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 || raise(SIGSTOP) != 0)
		_exit(126);
	(void)execv(argv[0], argv);
	_exit(127);
}

static int find(struct session *session, pid_t pid)
{
	struct injected *injected = session->injected;

	for (int i = 0; i < injected->processes; i++) {
		if (session->tracees[i].pid == pid)
			return i;
	}
	if (injected->processes == INJECT_PROCESSES_MAX)
		return -1;
	session->tracees[injected->processes] =
		(struct tracee){ .pid = pid, .followed = true };
	return injected->processes++;
}

static bool is_ours(pid_t pid)
{
	char path[64], name[32] = "";
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	file = fopen(path, "re");
	if (file == NULL)
		return false;
	if (fgets(name, sizeof(name), file) == NULL)
		name[0] = '\0';
	(void)fclose(file);
	/* The sealed program is executed by descriptor and named by its number. */
	return strncmp(name, "minirun", 7) == 0 || (name[0] >= '0' && name[0] <= '9');
}

static void let_go(struct session *session, int index)
{
	struct tracee *tracee = &session->tracees[index];

	if (!tracee->followed)
		return;
	tracee->followed = false;
	(void)ptrace(PTRACE_DETACH, tracee->pid, NULL, NULL);
}

/* The process dies in the call; the others live on as they would. */
static void kill_here(struct session *session, int index)
{
	(void)kill(session->tracees[index].pid, SIGKILL);
	session->tracees[index].followed = index == 0;
}

static void at_call(struct session *session, int index)
{
	const struct injection *injection = session->injection;
	struct injected *injected = session->injected;
	struct tracee *tracee = &session->tracees[index];
	struct user_regs_struct registers;

	tracee->inside = !tracee->inside;
	if (!tracee->inside) {
		if (!session->failing || index != injection->process)
			return;
		session->failing = false;
		(void)ptrace(PTRACE_GETREGS, tracee->pid, NULL, &registers);
		registers.rax = (unsigned long long)-injection->error;
		(void)ptrace(PTRACE_SETREGS, tracee->pid, NULL, &registers);
		return;
	}
	if (++injected->calls[index] != injection->call || index != injection->process)
		return;
	(void)ptrace(PTRACE_GETREGS, tracee->pid, NULL, &registers);
	/* brk(2) has no errors, it returns the old break; close(2) has closed whatever it
	 * returns, and a call that is left out would not have; a futex(2) that wakes
	 * nobody is one that pthreads(7) never sees. */
	if (injection->error != 0 &&
	    (registers.orig_rax == SYS_brk || registers.orig_rax == SYS_close ||
	     registers.orig_rax == SYS_futex))
		return;
	injected->reached = true;
	injected->number = (long)registers.orig_rax;
	if (injection->error == 0) {
		kill_here(session, index);
		return;
	}
	registers.orig_rax = (unsigned long long)-1;
	(void)ptrace(PTRACE_SETREGS, tracee->pid, NULL, &registers);
	session->failing = true;
}

/* Returns the signal to deliver with the next step, or -1: not followed any more. */
static int on_stop(struct session *session, int index, int status)
{
	struct tracee *tracee = &session->tracees[index];
	int signal = WSTOPSIG(status);
	int event = status >> 16;

	if (!tracee->started) {
		tracee->started = true;
		if (index == 0)
			(void)ptrace(PTRACE_SETOPTIONS, tracee->pid, NULL, OPTIONS);
		return 0;
	}
	if (event == PTRACE_EVENT_EXEC && !is_ours(tracee->pid)) {
		let_go(session, index);
		return -1;
	}
	if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK ||
	    event == PTRACE_EVENT_CLONE) {
		unsigned long made;

		/* Known before its first stop: its maker may be dead by then. */
		if (ptrace(PTRACE_GETEVENTMSG, tracee->pid, NULL, &made) == 0)
			(void)find(session, (pid_t)made);
	}
	if (event != 0)
		return 0;
	if (signal == (SIGTRAP | 0x80)) {
		at_call(session, index);
		return 0;
	}
	return signal;
}

static void follow(struct session *session)
{
	struct injected *injected = session->injected;

	while (!late) {
		int status, index, signal;
		pid_t pid = waitpid(-1, &status, __WALL);

		if (pid < 0 && errno == EINTR)
			continue;
		if (pid < 0)
			return;
		index = find(session, pid);
		if (index < 0)
			continue;
		if (!WIFSTOPPED(status)) {
			session->tracees[index].followed = false;
			if (index != 0)
				continue;
			injected->status = WIFEXITED(status) ? WEXITSTATUS(status)
							     : 128 + WTERMSIG(status);
			return;
		}
		signal = on_stop(session, index, status);
		if (signal >= 0)
			(void)ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(intptr_t)signal);
	}
	injected->hung = true;
}

/* Those that outlive the program run on untraced; a running one has to stop for that. */
static void let_all_go(struct session *session)
{
	for (int i = 1; i < session->injected->processes; i++) {
		struct tracee *tracee = &session->tracees[i];
		int status;

		if (!tracee->followed || kill(tracee->pid, SIGSTOP) < 0)
			continue;
		while (waitpid(tracee->pid, &status, __WALL) == tracee->pid &&
		       WIFSTOPPED(status) && WSTOPSIG(status) != SIGSTOP)
			(void)ptrace(PTRACE_SYSCALL, tracee->pid, NULL, NULL);
		let_go(session, i);
		(void)kill(tracee->pid, SIGCONT);
	}
}

void inject_run(const struct injection *injection, char *const argv[],
		struct injected *injected)
{
	struct session session = { .injection = injection, .injected = injected };
	struct sigaction action = { .sa_handler = on_alarm };

	*injected = (struct injected){ 0 };
	late = 0;
	(void)sigaction(SIGALRM, &action, NULL);
	session.tracees[0] = (struct tracee){ .pid = start(argv), .followed = true };
	injected->processes = 1;
	(void)alarm((unsigned)injection->seconds);
	follow(&session);
	(void)alarm(0);
	if (injected->hung)
		(void)kill(session.tracees[0].pid, SIGKILL);
	let_all_go(&session);
}
