/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * rootfs - from a detached tree to the root of the container process. Contract:
 * pivot_root(2), mount_namespaces(7).
 */

struct config_linux;
struct config_root;
struct error;

/* root.path is a directory and not the host's "/"; root.overlay's rules are layers'. */
int rootfs_check(const struct config_root *root, const char *bundle_path,
		 struct error *err);

/* linux.rootfsPropagation is a word of mount(8), or absent, which is private. */
int rootfs_check_propagation(const struct config_linux *linux_, struct error *err);

/*
 * A detached recursive clone of root.path, private, or a slave of where it comes from, if
 * linux.rootfsPropagation wants that: then before rootfs_isolate(), which cuts the
 * namespace off. Owned descriptor or -1.
 */
int rootfs_open(const struct config_root *root, const struct config_linux *linux_,
		const char *bundle_path, struct error *err);

/* Makes every mount of the calling process's new mount namespace private, so that nothing
 * which follows reaches the host. */
int rootfs_isolate(struct error *err);

/* Attaches the tree over the namespace's root "/", or over another directory;
 * descriptors into it keep their meaning. */
int rootfs_attach(int tree, const char *place, struct error *err);

enum rootfs_enter_flags {
	ROOTFS_NO_PIVOT = 1, /* by chroot(2), for hosts whose root is an initramfs */
};

/* Makes the attached tree the process's root and lets go of the old one, by
 * pivot_root(2). After a chroot(2) the old one stays in the namespace, out of reach but
 * for its /proc and /sys, which are unmounted. */
int rootfs_enter(int tree, enum rootfs_enter_flags flags, struct error *err);

/*
 * Moves the process into another mount namespace with the root that it has entered: a
 * clone of it with all that is mounted there, which is in no namespace, and goes with the
 * last process that has it. So nothing is mounted in the other one. From "/" of the clone
 * there is no way up to the other's.
 */
int rootfs_move(int namespace, struct error *err);

/* Changes to a root that no mount namespace has, the one of a process after
 * rootfs_move(). */
int rootfs_change(int root, struct error *err);

/* linux.rootfsPropagation of the entered root, shared or unbindable: among the mounts of
 * the container alone. */
int rootfs_propagate(const struct config_linux *linux_, struct error *err);

/* root.readonly: the mount of "/", not those over it. */
int rootfs_read_only(struct error *err);
