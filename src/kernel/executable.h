/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * executable - from process.args[0] to the file that execve(2) gets. The messages are
 * runc's word for word, because managers map them to the exit statuses 126 and 127:
 *	exec: "X": executable file not found in $PATH
 *	exec: "X": stat X: no such file or directory
 *	exec: "X": permission denied
 *	exec: "X": is a directory
 */

#include <stddef.h>

struct config_process;
struct error;

/* In the child, inside the root, in its working directory and with its credentials:
 * fills path, looked for along env's PATH when args[0] has no slash. */
int executable_find(const struct config_process *process, char *path, size_t size,
		    struct error *err);
