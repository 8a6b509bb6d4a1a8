/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* environment - what the runtime adds to process.env. Pure. */

struct arena;

/* env (NULL: none) with the assignments, which NULL ends, in the place of what it says of
 * their names. Of a name that is there twice the last stays, as under runc: getenv(3)
 * would find the first. */
char **environment_with(struct arena *arena, char *const *env, char *const *assignments);
