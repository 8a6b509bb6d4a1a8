/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * start - how a created container is held and let go: two FIFOs in its directory. The
 * process reads a byte from `start`; `answer` is closed when it becomes the payload, or
 * holds the error that kept it from that. Both are held open by the process, so that a
 * dead creator makes no difference.
 */

struct error;
struct registry;

/* Makes them, `start` as "start.new". The two descriptors are for the child and owned. */
int start_prepare(int entryfd, int *start, int *answer, struct error *err);

/* From now on the container counts as created. */
int start_offer(int entryfd, struct error *err);

/* In the child, before any filter of system calls: HUP, INT, QUIT and TERM end it until
 * it is the payload. */
void start_end_when_asked(void);

/* In the child: returns when it may go on. */
int start_wait(int start, struct error *err);

/* In the child: what kept it from becoming the payload. */
void start_answer(int answer, const struct error *err);

/* The verb. */
int start_container(const struct registry *registry, const char *id, struct error *err);
