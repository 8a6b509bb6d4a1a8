/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * foreground - the caller stays until its process has ended: signals go to it, and its
 * terminal is the caller's.
 */

#include <signal.h>

struct error;

/* Blocks every signal but those that mean a fault of our own, and returns a signalfd(2)
 * of them (owned); before the process is made, so that none gets lost. */
int foreground_open(struct error *err);

/* master: of the process's pty, or -1. Waits until it has ended: exit status, or 128 +
 * signal. */
int foreground_wait(int pidfd, int signalfd, int master, struct error *err);
