/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cgroup - one container's control group on every layout that Linux hosts have:
 * unified (v2 at /sys/fs/cgroup), hybrid (v1 controllers, v2 beside them at
 * /sys/fs/cgroup/unified), legacy (v1 only).
 *
 * A cgroup is named by its path below the mount point of each hierarchy, "/ID".
 * cgroup.c finds the layout and dispatches; cgroup_v2.c and cgroup_v1.c do it, and
 * on a hybrid host both do, so that cgroup.kill and CLONE_INTO_CGROUP serve there too.
 * Contract: cgroups(7), Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct arena;
struct config_resources;
struct error;

enum cgroup_layout {
	/* --cgroup-manager disabled: every function does nothing, and no cgroup_find() is
	 * needed: it is the zero value. */
	CGROUP_DISABLED,
	CGROUP_UNIFIED,
	CGROUP_HYBRID,
	CGROUP_LEGACY,
};

/* Who makes it, --cgroup-manager. */
enum cgroup_manager {
	CGROUP_MANAGER_CGROUPFS,
	CGROUP_MANAGER_SYSTEMD, /* container/systemd.h */
	CGROUP_MANAGER_DISABLED,
};

enum { CGROUP_HIERARCHIES_MAX = 16 };

/* A v1 hierarchy: "memory", or "cpu,cpuacct" where two controllers share it. */
struct cgroup_hierarchy {
	const char
		*controllers; /* as in /proc/PID/cgroup; "name=systemd" for a named one */
	const char *mount_point;
	const char *path; /* NULL: that of the cgroup; set by cgroup_of() */
	bool found;       /* the cgroup was there at cgroup_find() */
};

struct cgroup {
	enum cgroup_layout layout;
	/* Made by an ordinary user below a cgroup that is theirs: the v2 hierarchy alone,
	 * and no device rules, which take the host's root. */
	bool is_delegated;
	const char *path; /* cleaned, begins with '/' */
	/* The number of leading components that were there before cgroup_create(), to
	 * be recorded by the caller beforehand: cgroup_remove() takes away the last one
	 * always, and its parents that are deeper while they are empty. */
	size_t components_found;
	const char *unified_mount_point; /* NULL on CGROUP_LEGACY */
	bool unified_found;              /* the cgroup was there at cgroup_find() */
	struct cgroup_hierarchy hierarchies[CGROUP_HIERARCHIES_MAX]; /* v1; may be none */
	size_t hierarchies_count;
};

/*
 * The path for a container: cgroups_path if given and not empty (a relative one is below
 * "/"), else "/ID". Pure. NULL after filling *err: "..", the root itself, a control
 * character, or too long.
 */
const char *cgroup_path(struct arena *arena, const char *cgroups_path, const char *id,
			struct error *err);

/* Whether such a path is one, before it is cleaned; err->where is the caller's. Pure. */
int cgroup_check_path(const char *path, struct error *err);

/*
 * Fills *cgroup for the path on this host: layout, mount points (strings in the arena),
 * components_found. Makes nothing. Cheap: statfs(2) decides between the layouts, and
 * only hybrid and legacy hosts read /proc/self/cgroup. The mount table is never read:
 * it grows with the number of containers, and names mounts that others cover.
 */
int cgroup_find(struct cgroup *cgroup, struct arena *arena, const char *path,
		struct error *err);

/*
 * The same for who may make no cgroup at "/ID": beside the caller's own one, or below it,
 * whichever the caller may write to; CGROUP_DISABLED where that is neither. *path is the
 * path, in the arena.
 */
int cgroup_find_delegated(struct cgroup *cgroup, struct arena *arena, const char *id,
			  const char **path, struct error *err);

/* Where cgroup_find() was given a path that cgroup_find_delegated() returned. */
void cgroup_delegate(struct cgroup *cgroup);

/* Whether no limit is asked for, device rules apart: what a container without a cgroup
 * may have. err->where starts with "linux.resources". Pure. */
int cgroup_check_none(const struct config_resources *resources, struct error *err);

/*
 * Before create, and before anything is recorded: whether the resources can be
 * applied (ranges, rules across members, controllers this host lacks), and whether a
 * cgroup that is there already is unused (see cgroup_create(): the container's record
 * would make cgroup_remove() kill a stranger). err->where starts with "linux.resources",
 * or is "linux.cgroupsPath". Changes nothing; NULL is fine.
 */
int cgroup_check(const struct cgroup *cgroup, const struct config_resources *resources,
		 struct error *err);

/* The resources alone, for new limits on a living container. */
int cgroup_check_resources(const struct cgroup *cgroup,
			   const struct config_resources *resources, struct error *err);

/* Calls tell() for each member, named from linux.resources, that is accepted and changes
 * nothing, with the reason. */
typedef void cgroup_tell(void *context, const char *member, const char *why);
void cgroup_ignored(const struct cgroup *cgroup, const struct config_resources *resources,
		    cgroup_tell *tell, void *context);

/*
 * Makes the directories. A cgroup that cgroup_find() found is used if it is empty and not
 * frozen, else it is an error (the specification lets processes share one, but a limit, a
 * freeze or a kill would then hit a stranger). One that was made since then is somebody
 * else's, and an error: only mkdir(2) makes it ours. After an error nothing is left that
 * was made, and cgroup_remove() must not be called. On v2 the controllers are enabled
 * in every parent's subtree_control; on v1 cpuset gets its parent's cpus and mems.
 */
int cgroup_create(const struct cgroup *cgroup, struct error *err);

/* For one that somebody else has made, with its parents, after cgroup_find(): enables the
 * controllers, and has cgroup_remove() leave the parents alone. */
void cgroup_adopt(struct cgroup *cgroup);

/* The v2 directory for CLONE_INTO_CGROUP, an owned descriptor; -1 without error where
 * there is none (legacy, disabled): *fd is set either way. */
int cgroup_open(const struct cgroup *cgroup, int *fd, struct error *err);

/*
 * Moves a process into every v1 hierarchy; v2 is entered by CLONE_INTO_CGROUP. pid 0 is
 * the caller: the child does it itself, before it unshares its cgroup namespace.
 */
int cgroup_join(const struct cgroup *cgroup, pid_t pid, struct error *err);

/*
 * For exec, after cgroup_find(): changes the paths to those where the process is now,
 * also when it moved to a cgroup below. Only for cgroup_open(), cgroup_join() and
 * cgroup_frozen() afterwards, never to remove.
 */
int cgroup_of(struct cgroup *cgroup, struct arena *arena, pid_t pid, struct error *err);

/* Writes the limits and device rules; resources may be NULL. Device rules get the
 * specification's default devices allowed behind them. err->where as cgroup_check(). */
int cgroup_apply(const struct cgroup *cgroup, const struct config_resources *resources,
		 struct error *err);

/* The same for a living container, whose device rules stay unless there are some among
 * the resources. */
int cgroup_update(const struct cgroup *cgroup, const struct config_resources *resources,
		  struct error *err);

/*
 * Gives the v2 cgroup to a user, who may then make cgroups in it: the directory and the
 * files that the kernel names in /sys/kernel/cgroup/delegate. Contract: config-linux.md
 * "Cgroup ownership", cgroup-v2.rst "Delegation". Without v2 it does nothing.
 */
int cgroup_give(const struct cgroup *cgroup, uid_t uid, struct error *err);

/* Whether the cgroup is frozen now, 1 or 0; a missing one is 0. */
int cgroup_frozen(const struct cgroup *cgroup, struct error *err);

/* Freezes and waits until it holds (deadline 10 s), or thaws. A missing cgroup is fine.
 */
int cgroup_freeze(const struct cgroup *cgroup, struct error *err);
int cgroup_thaw(const struct cgroup *cgroup, struct error *err);

/* Sends a signal to every process in it and below. */
int cgroup_signal(const struct cgroup *cgroup, int signal, struct error *err);

/* The pids in it and below, in the arena; *count is set. */
int cgroup_pids(const struct cgroup *cgroup, struct arena *arena, pid_t **pids,
		size_t *count, struct error *err);

/*
 * Kills what lives in it, thaws what is frozen, waits until it is empty (deadline
 * 10 s; cgroup.events by poll on v2), and removes it with what is below, and the parents
 * that cgroup_create() made. Done already is success, so it can be repeated after a kill
 * -9.
 */
int cgroup_remove(const struct cgroup *cgroup, struct error *err);

/* The same where nothing was put in it yet: a cgroup with processes is a stranger's, and
 * stays. */
int cgroup_remove_unused(const struct cgroup *cgroup, struct error *err);

/*
 * For a mount of type "cgroup" in the container. cgroup_tree_open() returns a detached
 * mount: on unified a clone of the cgroup's own directory (in a cgroup namespace
 * that is its root, and a clone costs a fifth of fsopen("cgroup2")), else a fresh tmpfs.
 * After the caller attached it, cgroup_tree_fill() makes in dirfd, for v1 and hybrid, a
 * directory per hierarchy with the clone of the cgroup's directory there, mount_attr
 * (MOUNT_ATTR_RDONLY …) set on each, "unified" among them on hybrid, and links such as
 * cpu -> cpu,cpuacct.
 */
int cgroup_tree_open(const struct cgroup *cgroup, struct error *err);
int cgroup_tree_fill(const struct cgroup *cgroup, int dirfd, uint64_t mount_attr,
		     struct error *err);

/* cgroup_sources.c: what the two above make clones of, for a mount of that type: the name
 * below the mount's destination, NULL for the destination itself, and the directory on
 * the host, in the arena. Their number. */
enum { CGROUP_SOURCES_MAX = CGROUP_HIERARCHIES_MAX + 1 };

struct cgroup_source {
	const char *name, *directory;
};
size_t cgroup_tree_sources(const struct cgroup *cgroup, const char *type,
			   struct arena *arena,
			   struct cgroup_source sources[CGROUP_SOURCES_MAX]);

/* The directory that has the files of the freezer, in the arena; NULL: none. */
const char *cgroup_freezer(const struct cgroup *cgroup, struct arena *arena);
