/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * rootfs - from a detached tree to the root of the container process. Contract:
 * pivot_root(2), mount_namespaces(7).
 */

#include <stdbool.h>

struct config_root;
struct error;

/* root.path is a directory and not the host's "/"; root.overlay's rules are layers'. */
int rootfs_check(const struct config_root *root, const char *bundle_path,
		 struct error *err);

/* A detached recursive clone of root.path, private. Owned descriptor or -1. */
int rootfs_open(const struct config_root *root, const char *bundle_path,
		struct error *err);

/* Makes every mount of the calling process's new mount namespace private, so that nothing
 * which follows reaches the host. */
int rootfs_isolate(struct error *err);

/* Attaches the tree over the namespace's root; descriptors into it keep their meaning. */
int rootfs_attach(int tree, struct error *err);

/* Makes the attached tree the process's root and lets go of the old one; no_pivot: by
 * MS_MOVE and chroot(2), for hosts whose root is an initramfs. */
int rootfs_enter(int tree, bool no_pivot, struct error *err);

/* root.readonly: the mount of "/", not those over it. */
int rootfs_read_only(struct error *err);
