/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * namespaces - linux.namespaces: which are made with the container process, which are
 * joined by path. Contract: namespaces(7), setns(2), clone(2), time_namespaces(7).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config_linux;
struct error;
struct name;

enum { NAMESPACES_MAX = 8 };

struct namespaces {
	/* CLONE_NEW… for clone3(), without CLONE_NEWCGROUP: a cgroup namespace has its
	 * root where its maker is, and clone3() would take the parent's cgroup for that;
	 * without CLONE_NEWUSER, since a new user namespace is made by
	 * namespaces_open() and joined like one of a path: the others then belong to it;
	 * without CLONE_NEWTIME, whose offsets are set before anybody is in it. */
	uint64_t clone_flags; /* CLONE_NEWNS always: the root is made in there */
	bool new_cgroup;      /* unshare() it once the process is in its cgroup */
	bool new_time;
	const struct config_linux *linux_;
	struct {
		int flag; /* CLONE_NEW… */
		int fd;   /* owned */
	} joined[NAMESPACES_MAX];
	size_t joined_count;
};

#define auto_namespaces __attribute__((cleanup(namespaces_release)))

/* Known types, none twice, and what one needs beside it; touches nothing. */
int namespaces_check(const struct config_linux *linux_, struct error *err);

/* Whether a namespace of that CLONE_NEW… flag is listed without a path / with one. Pure.
 */
bool namespaces_has_new(const struct config_linux *linux_, int flag);
bool namespaces_has_joined(const struct config_linux *linux_, int flag);

/* Fills *namespaces; opens every path on the host and checks that it is a namespace of
 * that type (NS_GET_NSTYPE, ioctl_ns(2)). */
int namespaces_open(struct namespaces *namespaces, const struct config_linux *linux_,
		    struct error *err);

/* The CLONE_NEW… flags of all that are listed, joined or not. Pure. */
int namespaces_listed(const struct config_linux *linux_);

/* The descriptor of the one to be joined (the user namespace also when it is new), not
 * owned; -1: none. */
int namespaces_find(const struct namespaces *namespaces, int flag);

/* Every word that namespaces_check() takes, for `features`. */
const struct name *namespaces_types(void);

/* The specification's word for a CLONE_NEW… flag, or NULL. Pure. */
const char *namespaces_type(int flag);

/* Whether the container process is to be the child of one that went through
 * namespaces_enter(), rather than of the caller: root of a user namespace may join a pid
 * namespace below its own, but cannot come back, as the host's root can. */
bool namespaces_in_two_steps(const struct namespaces *namespaces);

/* In the parent, before clone3(): a joined pid namespace takes its next children.
 * namespaces_leave_pid() afterwards: later children of ours are the host's again. */
int namespaces_enter_pid(const struct namespaces *namespaces, struct error *err);
int namespaces_leave_pid(const struct namespaces *namespaces, struct error *err);

/* In the child: joins all of them but the pid namespace, and the mount namespace, which
 * is for rootfs_move(). */
int namespaces_join(const struct namespaces *namespaces, struct error *err);

/*
 * In a process between the parent and the container process, instead of the three above:
 * joins all of them, those first that the user namespace would not be allowed to join,
 * becomes its root, and makes the time namespace. The next child of the caller is in all
 * of them. err->code EPERM where neither side may join one.
 */
int namespaces_enter(const struct namespaces *namespaces, struct error *err);

/* The same for exec: the user namespace and, for the next child, the pid namespace of the
 * process behind the pidfd. */
int namespaces_enter_process(const struct config_linux *linux_, int pidfd,
			     struct error *err);

/* In the child of exec: the others of the process, and its mount namespace, be it listed
 * or not. */
int namespaces_join_process(const struct config_linux *linux_, int pidfd,
			    struct error *err);

void namespaces_release(struct namespaces *namespaces);
