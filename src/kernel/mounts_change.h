/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * mounts_change - mounts of a container that lives already: some more, beside mounts.h,
 * or some less. Contract: move_mount(2), umount2(2) MNT_DETACH.
 */

struct config;
struct error;
struct mounts;

/* Beside mounts_check(): whether they are of a kind that can be added later, and be taken
 * away again. err->where is "mounts[N]…". */
int mounts_check_late(const struct config *config, struct error *err);

/* After a mounts_apply() or mounts_finish() that failed: takes away what it attached. The
 * mount points stay. procfd: procfs_open() of before the namespaces were joined. */
void mounts_undo(const struct mounts *mounts, int procfd);

/*
 * In the mount namespace of the container: takes away what lies on the destinations of
 * config.mounts, with all below it, the last one first. Every one is found, without any
 * link on its way, and is a mount, before the first goes.
 */
int mounts_remove(const struct config *config, int rootfd, int procfd, struct error *err);
