/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* tree - directories with all that is below them. */

struct error;

/*
 * Removes dirfd/name, file or directory, with what is below it, by descriptor (so `name`
 * is one component), never through a link, never across a mount (an error then). Absent
 * already is success, also when another process removes at the same time.
 */
int tree_remove(int dirfd, const char *name, struct error *err);

/* Opens dirfd/path as a directory, made with its missing parents (mode 0711 by the
 * umask) if need be. Owned, or -1 after filling *err. The path is the host's: links are
 * followed. */
int tree_make(int dirfd, const char *path, struct error *err);
