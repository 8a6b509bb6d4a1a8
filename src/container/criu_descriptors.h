/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * criu_descriptors - standard input, output and error of a container's first process:
 * where they lead to the outside, the restored process gets those of who restores it.
 * They are noted beside the images in descriptors.json, as runc and crun do: what 0, 1
 * and 2 were, "pipe:[123]", or, of a file of the host, the name that criu has for it.
 */

#include <sys/types.h>

struct error;
struct text;

/* Writes the file into the directory of the images, and adds to a criu_opts what files of
 * the host there are. */
int criu_descriptors_dump(pid_t pid, int images, struct text *options, struct error *err);

/* Reads the file, and adds to a criu_opts which of 0, 1 and 2 takes whose place. */
int criu_descriptors_restore(int images, struct text *options, struct error *err);

/* Adds that a name of criu's stands for a descriptor that it has. */
void criu_descriptors_put(const char *name, int fd, struct text *options);
