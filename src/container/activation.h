/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * activation - sockets that the caller was started with, sd_listen_fds(3), handed on to
 * the payload: descriptors 3 and following, LISTEN_FDS, LISTEN_PID, LISTEN_FDNAMES.
 */

enum { ACTIVATION_MAX = 4096 };

/* How many this process was given, by its environment; 0 when that is meant for another
 * process, or is none. */
int activation_count(void);

/* The environment of the calling process as the payload with so many descriptors; `env`
 * itself for 0. Not to be freed: execve(2) follows. */
char **activation_environment(int count, char **env);
