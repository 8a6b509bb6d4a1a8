/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * home - HOME for a process whose environment has none, or an empty one: programs take it
 * for granted, and runc and crun give it.
 */

#include <sys/types.h>

/* The user's home by the text of a passwd(5), or NULL. *length is set. Pure. */
const char *home_find(const char *passwd, uid_t uid, size_t *length);

/* env (NULL: none), with HOME out of /etc/passwd below the current root, else "/". Before
 * a filter may forbid to read that. The strings live as long as the program. */
char **home_environment(char *const *env, uid_t uid);
