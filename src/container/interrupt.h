/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * interrupt - signals that would end a launcher, which has blocked them so that none does
 * half-way: whether one has come. They stay pending.
 */

struct error;

/* A signalfd(2) to poll, owned, or -1: readable when an administrator wants to end us
 * (SIGHUP, SIGINT, SIGQUIT, SIGTERM). */
int interrupt_open(void);

/* -1, "interrupted by SIGTERM", when a signal is pending that would end us by default. */
int interrupt_check(struct error *err);
