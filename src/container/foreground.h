/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * foreground - the caller stays until its process has ended: signals go to it, and its
 * terminal is the caller's.
 */

#include <signal.h>

struct error;
struct launched;

/* Blocks every signal but those that mean a fault of our own, and returns a signalfd(2)
 * of them (owned); before the process is made, so that none gets lost. */
int foreground_open(struct error *err);

/* A signal may end us again. */
void foreground_close(void);

/* Waits until it has ended: exit status, or 128 + signal. */
int foreground_wait(const struct launched *launched, int signalfd, struct error *err);
