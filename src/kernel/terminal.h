/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * terminal - process.terminal: a pseudo-terminal of the container, and the user's own
 * terminal in raw mode while it is in the foreground. Contract: pty(7), ioctl_tty(2),
 * termios(3); the console socket as runc hands it over (SCM_RIGHTS, the name as payload).
 */

#include <sys/types.h>

struct config_process;
struct error;

/*
 * In the container process, with devfd its /dev opened inside the root: opens
 * a new pty from the container's own devpts ("pts/ptmx" below devfd), sets its
 * console_size (NULL: as terminal_copy_size()), chowns the slave to its user. The slave
 * is opened by TIOCGPTPEER, never by path. Both descriptors are owned by the caller.
 */
int terminal_open(int devfd, const struct config_process *process, int *master,
		  int *slave, struct error *err);

/* Makes the slave the controlling terminal of the calling session leader, and its 0,
 * 1, 2. */
int terminal_attach(int slave, struct error *err);

/* Connects to the unix socket at a host path (longer than 107 bytes too). Returns an
 * owned fd. */
int terminal_connect(const char *path, struct error *err);

/* Sends the master through a connected socket with its name as payload. */
int terminal_send(int socket, int master, struct error *err);

/* Gives the terminal the size of the caller's, whichever of 0, 1, 2 is one. */
void terminal_copy_size(int master);

/*
 * For a foreground run or exec, before its process goes: the size, and ONLCR cleared,
 * since the caller's own terminal turns a newline into two characters already. By the
 * child that still has the caller's 0, 1, 2, or its parent; terminal_relay() does it once
 * more, but what a program writes or asks for at once would come before that.
 */
void terminal_prepare(int master);

/*
 * The foreground relay of run and exec: copies between the caller's terminal (0, 1) and
 * master until the process behind pidfd has ended and the output is drained. Window size
 * changes and signals are forwarded: the caller has blocked them and hands the signalfd.
 * The caller's terminal is raw meanwhile and as before on every way out (also
 * when stdin is no terminal: then just copied). Returns the exit status.
 */
int terminal_relay(int master, int pidfd, int signalfd, struct error *err);
