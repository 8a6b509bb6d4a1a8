/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * overlay - lower directories, upper and work to a mounted root. The only file that knows
 * overlayfs's options; forced: redirect_dir=off, metacopy=off, index=off, xino=off, so
 * that the upper is always a complete diff. Contract:
 * Documentation/filesystems/overlayfs.rst.
 */

#include <stdbool.h>
#include <stddef.h>

struct error;

enum { OVERLAY_LOWERS_MAX = 500 }; /* OVL_MAX_STACK in fs/overlayfs/params.h */

struct overlay {
	const int *lowers; /* directories, topmost first; O_PATH will do */
	size_t lowers_count;
	int upper, work; /* -1 both: a read-only overlay */
	bool is_volatile;
	const char *label, *label_type; /* labels_of_mounts() */
};

/*
 * A detached mount, owned, or -1. By descriptor where the kernel takes them
 * (fsconfig(2) FSCONFIG_SET_FD, Linux 6.13), by lowerdir+ and /proc/self/fd (6.8), else
 * by one lowerdir= of short relative names; one probe chooses. What the kernel says on
 * the fsopen descriptor is part of the message. Needs a mount namespace of its own
 * before 6.8.
 */
int overlay_open(const struct overlay *overlay, struct error *err);

/* Whether the directory can be an upper: not on NFS, FUSE, overlay, a read-only file
 * system or one without extended attributes; and upper and work on one mount. The message
 * says what to do. Leaves nothing behind. `upper_name` is for the message. work -1: only
 * what can be told of the upper without writing. */
int overlay_check_upper(int upper, int work, const char *upper_name, struct error *err);
