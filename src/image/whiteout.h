/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* whiteout - how overlayfs marks that something of the lowers is gone, in an upper or a
 * lower. Contract: Documentation/filesystems/overlayfs.rst "whiteouts and opaque
 * directories". */

#include <stdbool.h>

struct error;
struct stat;

/* A character device 0:0, or (Linux 6.7) an empty file with trusted.overlay.whiteout. */
bool whiteout_is(int parent, const char *name, const struct stat *status);

/* A directory that hides all below it; "x" only says that whiteouts of the second form
 * are in it. */
bool whiteout_is_opaque(int parent, const char *name);

/* The attribute of such a directory that the caller may set, for a mount of the caller's.
 */
const char *whiteout_opaque_name(void);

/* ".wh.NAME", which in a layer means a deletion and so cannot be the name of a file. */
bool whiteout_is_marker(const char *name);
int whiteout_refuse_name(const char *path, struct error *err);
