/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * seal - decision 4: a program that enters a container runs from a mount that nobody can
 * write through (CVE-2019-5736). The first thing that main() does for create, run and
 * exec.
 */

struct error;

/*
 * Returns 0 when /proc/self/exe is sealed. Else executes it again from a detached
 * read-only clone of its mount (open_tree(2), mount_setattr(2)), or from a sealed memfd
 * where that is not permitted, with the same arguments; does not return then. -1: neither
 * could be had. The environment carries MINIRUN_SEALED from the first run to the second,
 * which takes it out again.
 */
int seal_program(char **argv, struct error *err);
