/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * streams - standard input, output and error as the payload gets them.
 */

struct config_process;
struct error;

/*
 * Inside the root, as root: a stream that is the host's /dev/null becomes the
 * container's (if that is 1:3), and pipes, sockets and terminals are given to the user,
 * who can then open /dev/stdout. A stream that cannot be given (EPERM, a read-only file
 * system) is left.
 */
int streams_apply(const struct config_process *process, struct error *err);
