/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * seccomp_cache - compiled profiles, kept in ROOT/.seccomp: libseccomp takes longer for a
 * common profile than all the rest of a container.
 *
 * A file there is named by the digest of all that the program depends on: the profile,
 * the versions of minirun, libseccomp and the kernel. One that is not exactly what was
 * written is not used. Nothing waits and nothing fails: without the cache it is only
 * slower.
 */

#include "kernel/seccomp.h"

/* As seccomp_compile(); root: the directory that the cache is in. */
int seccomp_cache_compile(int root, const struct config_seccomp *seccomp,
			  struct seccomp_program *program, struct error *err);
