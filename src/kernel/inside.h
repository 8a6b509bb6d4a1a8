/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * inside - paths in a root that the container controls. The only way from a path of the
 * configuration to a descriptor there: openat2(2) with RESOLVE_IN_ROOT and
 * RESOLVE_NO_MAGICLINKS, Linux 5.6; no fallback. What is made is made component by
 * component below descriptors that were resolved so.
 */

#include <stdint.h>
#include <sys/types.h>

struct error;

/* An owned, close-on-exec descriptor, or -1 and errno. flags: O_PATH, O_RDONLY,
 * O_DIRECTORY, O_NOFOLLOW … of open(2). Tries again while a rename races (EAGAIN). */
int inside_open(int rootfd, const char *path, uint64_t flags);

/* The same for a path of which no component may be a link (ELOOP). */
int inside_open_direct(int rootfd, const char *path, uint64_t flags);

/* The directory (O_PATH, owned) that the longest prefix of the path reaches; *rest: what
 * is behind it in the path, empty if all of it is there. -1 after filling *err. */
int inside_open_deepest(int rootfd, const char *path, const char **rest,
			struct error *err);

/*
 * Opens (O_PATH) the directory, or the file, at the path; makes it with its missing
 * parents (0755) where it is not there, modes by the umask. Links among the existing
 * components are followed inside the root; a dangling one is refused (its target is not
 * made), and so is ".." behind the last component that exists. Owned descriptor, or -1.
 */
int inside_make_directory(int rootfd, const char *path, mode_t mode, struct error *err);
int inside_make_file(int rootfd, const char *path, mode_t mode, struct error *err);

/* The same for a link with that content: 0, also when it is there already. Anything else
 * in its place is an error. */
int inside_make_link(int rootfd, const char *path, const char *content,
		     struct error *err);
