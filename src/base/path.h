/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* path - path texts, no file system touched. Pure. */

#include <stdbool.h>

struct arena;

/*
 * The path without empty, "." and ".." components, always absolute: what the text
 * would mean if no component were a link. path_clean(arena, "a/../b//") is "/b".
 */
char *path_clean(struct arena *arena, const char *path);

/* `path` if it is absolute, else directory/path. */
char *path_join(struct arena *arena, const char *directory, const char *path);

/* Whether cleaned path `path` is `top` or below it. */
bool path_is_under(const char *path, const char *top);
