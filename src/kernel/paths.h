/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * paths - linux.maskedPaths and readonlyPaths. A path that is not there is skipped.
 */

struct config_linux;
struct error;

/* Absolute, none empty. */
int paths_check(const struct config_linux *linux_, struct error *err);

/* The host's /dev/null (O_PATH), checked to be 1:3 (CVE-2025-31133): its clones mask
 * files; to be called in the child, while the host is in view. Owned descriptor or -1. */
int paths_open_null(struct error *err);

/* Files are covered by null (a descriptor of paths_open_null(), not consumed),
 * directories by an empty read-only tmpfs shared by all of them; readonly paths become so
 * with what is below. */
int paths_apply(const struct config_linux *linux_, int rootfd, int null,
		struct error *err);
