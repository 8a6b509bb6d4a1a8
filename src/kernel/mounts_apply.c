/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include "base/auto.h"
#include "base/copy.h"
#include "base/error.h"
#include "base/filesystem.h"
#include "base/path.h"
#include "kernel/cgroup.h"
#include "kernel/inside.h"
#include "kernel/mounts.h"
#include "kernel/mounts_list.h"
#include "oci/config.h"

/* A directory entry by what statx(2) says, whatever path led there. */
struct place {
	uint64_t mount_id, inode;
	mode_t mode;
};

struct target {
	int rootfd;
	const struct cgroup *cgroup;
	struct place root;
	uint64_t proc_mount_id; /* of the procfs on /proc; 0: none yet */
};

static int find_place(int fd, struct place *place)
{
	struct statx status;

	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC,
		  STATX_TYPE | STATX_MODE | STATX_INO | STATX_MNT_ID, &status) < 0)
		return -1;
	place->mount_id = status.stx_mnt_id;
	place->inode = status.stx_ino;
	place->mode = status.stx_mode;
	return 0;
}

static bool is_same_place(const struct place *a, const struct place *b)
{
	return a->mount_id == b->mount_id && a->inode == b->inode;
}

static bool has_type(const struct mount *mount, const char *type)
{
	return mount->from->type != NULL && strcmp(mount->from->type, type) == 0;
}

/*
 * A link in the place of /proc or /sys would send the mount, and later what is written
 * to procfs for the container, elsewhere (CVE-2019-19921, CVE-2023-27561).
 */
static bool is_direct(const struct mount *mount)
{
	return path_is_under(mount->destination, "/proc") ||
	       strcmp(mount->destination, "/sys") == 0 ||
	       (!mount->is_bind && (has_type(mount, "proc") || has_type(mount, "sysfs")));
}

static int open_existing(const struct mount *mount, int rootfd)
{
	if (is_direct(mount))
		return inside_open_direct(rootfd, mount->destination, O_PATH);
	return inside_open(rootfd, mount->destination,
			   mount->options.destination_nofollow ? O_PATH | O_NOFOLLOW
							       : O_PATH);
}

static int make_destination(const struct mount *mount, int rootfd, struct error *err)
{
	struct stat status = { 0 };
	auto_close int fd = -1;
	bool is_file;
	mode_t mode;

	if (mount->is_bind && fstat(mount->tree, &status) < 0)
		return error_set(err, errno, "cannot look at the source");
	is_file = mount->is_bind && !S_ISDIR(status.st_mode);
	mode = mount_point_mode(mount, is_file ? S_IFREG : S_IFDIR);
	fd = is_file ? inside_make_file(rootfd, mount->destination, mode, err)
		     : inside_make_directory(rootfd, mount->destination, mode, err);
	if (fd < 0 || !is_direct(mount))
		return take_fd(&fd);
	return open_existing(mount, rootfd);
}

/* Whether the place is the root's /proc, where no procfs is mounted (yet). */
static bool is_bare_proc(const struct target *target, const struct place *place)
{
	auto_close int fd = inside_open_direct(target->rootfd, "/proc", O_PATH);
	struct place proc;

	return fd >= 0 && find_place(fd, &proc) == 0 && is_same_place(&proc, place);
}

static bool is_in_procfs(int fd)
{
	struct statfs filesystem;

	return fstatfs(fd, &filesystem) == 0 && filesystem.f_type == PROC_SUPER_MAGIC;
}

static int check_place(const struct target *target, const struct mount *mount, int fd,
		       const struct place *place, struct error *err)
{
	if (is_same_place(place, &target->root))
		return error_set(err, 0, "'%s' leads to the root itself",
				 mount->destination);
	if (is_direct(mount) || (mount->options.remount && !mount->is_bind))
		return 0;
	if (target->proc_mount_id != 0 ? place->mount_id == target->proc_mount_id
				       : is_bare_proc(target, place) || is_in_procfs(fd))
		return error_set(err, 0, "'%s' leads into /proc", mount->destination);
	return 0;
}

static int open_destination(const struct target *target, const struct mount *mount,
			    struct place *place, struct error *err)
{
	auto_close int fd = open_existing(mount, target->rootfd);

	if (fd < 0 && errno == ENOENT) {
		fd = make_destination(mount, target->rootfd, err);
		if (fd < 0)
			return -1;
	}
	if (fd < 0 && errno == ELOOP && is_direct(mount))
		return error_set(err, 0, "'%s' is, or lies below, a link",
				 mount->destination);
	if (fd < 0)
		return error_set(err, errno, "cannot open '%s' in the root",
				 mount->destination);
	if (find_place(fd, place) < 0)
		return error_set(err, errno, "cannot look at '%s'", mount->destination);
	if (check_place(target, mount, fd, place, err) < 0)
		return -1;
	return take_fd(&fd);
}

static int attach(int tree, int destination, struct error *err)
{
	if (move_mount(tree, "", destination, "",
		       MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) == 0)
		return 0;
	if (errno == ELOOP) /* mnt_ns_loop() in fs/namespace.c */
		return error_set(err, 0,
				 "a mount namespace cannot be mounted in one "
				 "that is newer");
	return error_set(err, errno, "cannot attach");
}

static int set_propagation(const struct mount *mount, int tree, struct error *err)
{
	struct mount_attr attr = { .propagation = mount->options.propagation };

	if (attr.propagation == 0 || attr.propagation == MS_PRIVATE)
		return 0;
	if (mount_setattr(tree, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0)
		return error_set(err, errno, "cannot set the propagation");
	return 0;
}

/* PROC_CGROUP_INIT_INO of the kernel's proc_ns.h: the number never changes. */
static bool in_first_cgroup_namespace(void)
{
	struct stat status;

	return stat("/proc/self/ns/cgroup", &status) == 0 && status.st_ino == 0xEFFFFFFB;
}

/* There a new mount would set the options of the hierarchy for the whole host: nsdelegate
 * would be lost. */
static int open_shared_cgroup(uint64_t attributes, struct error *err)
{
	struct mount_attr attr = { .attr_set = attributes };
	auto_close int tree = open_tree(AT_FDCWD, "/sys/fs/cgroup",
					OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (tree < 0)
		return error_set(err, errno,
				 "cannot clone the mount of '/sys/fs/cgroup'");
	if (mount_setattr(tree, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0)
		return error_set(err, errno, "cannot set the attributes");
	return take_fd(&tree);
}

/* Without a cgroup of our own: the view of a new cgroup2, or nothing to see. */
static int open_strange_cgroup(struct error *err)
{
	struct statfs status;
	auto_close int context = -1;
	const char *type = "tmpfs";
	uint64_t attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

	if (statfs("/sys/fs/cgroup", &status) == 0 &&
	    status.f_type == CGROUP2_SUPER_MAGIC)
		type = "cgroup2";
	else
		attributes |= MOUNT_ATTR_RDONLY;
	if (strcmp(type, "cgroup2") == 0 && in_first_cgroup_namespace())
		return open_shared_cgroup(attributes, err);
	context = filesystem_open(type, err);
	if (context < 0)
		return -1;
	return filesystem_mount(context, type, attributes, err);
}

static int apply_cgroup(const struct target *target, const struct mount *mount,
			int destination, struct error *err)
{
	bool is_ours =
		target->cgroup != NULL && target->cgroup->layout != CGROUP_DISABLED;
	struct cgroup cgroup = { 0 };
	struct mount_options options = mount->options;
	auto_close int tree = -1;
	struct mount_attr attr;

	if (is_ours) {
		cgroup = *target->cgroup;
	} else { /* others would be killed, or frozen, by it (CVE-2023-25809) */
		options.set |= MOUNT_ATTR_RDONLY;
		options.clear &= ~(uint64_t)MOUNT_ATTR_RDONLY;
	}
	/* Who asks a hybrid host for cgroup2 expects its files at the top. */
	if (cgroup.layout == CGROUP_HYBRID && has_type(mount, "cgroup2")) {
		cgroup.layout = CGROUP_UNIFIED;
		cgroup.hierarchies_count = 0;
	}
	tree = is_ours ? cgroup_tree_open(&cgroup, err) : open_strange_cgroup(err);
	if (tree < 0 || attach(tree, destination, err) < 0)
		return -1;
	if (is_ours && cgroup_tree_fill(&cgroup, tree, options.set, err) < 0)
		return -1;
	/* Read-only last: the hierarchies of v1 have their directories in it. */
	if (mount_options_attr(&options, &attr) &&
	    mount_setattr(tree, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0)
		return error_set(err, errno, "cannot set the attributes");
	return set_propagation(mount, tree, err);
}

/* The kernel would say EINVAL and nothing else. */
static int check_kind(const struct mount *mount, const struct place *place,
		      struct error *err)
{
	struct stat status = { .st_mode = S_IFDIR };

	if (mount->is_bind && fstat(mount->tree, &status) < 0)
		return error_set(err, errno, "cannot look at the source");
	if (S_ISDIR(status.st_mode) == S_ISDIR(place->mode))
		return 0;
	if (!mount->is_bind)
		return error_set(err, 0, "the destination in the root is a file");
	return error_set(err, 0, "the source is a %s, the destination in the root a %s",
			 S_ISDIR(status.st_mode) ? "directory" : "file",
			 S_ISDIR(place->mode) ? "directory" : "file");
}

static int apply_remount(const struct mount *mount, int destination, struct error *err)
{
	struct mount_attr attr;

	if (mount_options_attr(&mount->options, &attr) &&
	    mount_setattr(destination, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0)
		return errno == EINVAL
			       ? error_set(err, 0, "nothing is mounted there")
			       : error_set(err, errno, "cannot set the attributes");
	return set_propagation(mount, destination, err);
}

/* A tmpfs that begins with what it covers. */
static int copy_up(int destination, int tree, struct error *err)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
	auto_close int from = openat(destination, ".", flags);
	auto_close int to = openat(tree, ".", flags);

	if (from < 0 || to < 0)
		return error_set(err, errno, "cannot open what is to be copied up");
	return copy_directory(from, to, err);
}

static int note_proc(struct target *target, const struct mount *mount, struct error *err)
{
	struct place made;

	if (strcmp(mount->destination, "/proc") != 0)
		return 0;
	if (find_place(mount->tree, &made) < 0)
		return error_set(err, errno, "cannot look at the procfs");
	target->proc_mount_id = made.mount_id;
	return 0;
}

static int apply_new(struct target *target, struct mount *mount, int destination,
		     const struct place *place, struct error *err)
{
	auto_close int tree = mount_new(mount, place->mode, err);

	if (tree < 0)
		return -1;
	if (mount->options.tmpcopyup && copy_up(destination, tree, err) < 0)
		return -1;
	if (attach(tree, destination, err) < 0)
		return -1;
	mount->tree = take_fd(&tree);
	mount->is_attached = true;
	if (set_propagation(mount, mount->tree, err) < 0)
		return -1;
	return note_proc(target, mount, err);
}

static int apply_bind(struct target *target, struct mount *mount, int destination,
		      struct error *err)
{
	if (attach(mount->tree, destination, err) < 0)
		return -1;
	mount->is_attached = true;
	return note_proc(target, mount, err);
}

static int apply_one(struct target *target, struct mount *mount, struct error *err)
{
	struct place place = { 0 };
	auto_close int destination = -1;

	if (mount->link != NULL)
		return inside_make_link(target->rootfd, mount->destination, mount->link,
					err);
	destination = open_destination(target, mount, &place, err);
	if (destination < 0)
		return -1;
	if (mount->options.remount && !mount->is_bind)
		return apply_remount(mount, destination, err);
	if (check_kind(mount, &place, err) < 0)
		return -1;
	if (mount->is_bind)
		return apply_bind(target, mount, destination, err);
	if (has_type(mount, "cgroup") || has_type(mount, "cgroup2"))
		return apply_cgroup(target, mount, destination, err);
	return apply_new(target, mount, destination, &place, err);
}

static int fail(const struct mounts *mounts, size_t index, struct error *err)
{
	const struct mount *mount = &mounts->list[index];

	if (mount->options.remount && !mount->is_bind)
		(void)error_prefix(err, "cannot remount '%s'", mount->destination);
	else
		(void)error_prefix(err, "cannot mount '%s' on '%s'",
				   mount->is_bind ? mount->from->source
						  : mount->from->type,
				   mount->destination);
	return error_at(err, "mounts[%zu]", index);
}

int mounts_apply(const struct mounts *mounts, int rootfd, const struct cgroup *cgroup,
		 struct error *err)
{
	struct target target = { .rootfd = rootfd, .cgroup = cgroup };

	if (find_place(rootfd, &target.root) < 0)
		return error_set(err, errno, "cannot look at the root");
	for (size_t i = 0; i < mounts->count; i++) {
		if (apply_one(&target, &mounts->list[i], err) < 0)
			return fail(mounts, i, err);
	}
	return 0;
}

int mounts_finish(struct mounts *mounts, struct error *err)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };

	for (size_t i = 0; i < mounts->count; i++) {
		struct mount *mount = &mounts->list[i];

		if (mount->tree < 0 || !mount_is_read_only_late(mount))
			continue;
		if (mount_setattr(mount->tree, "", AT_EMPTY_PATH, &attr, sizeof(attr)) <
		    0) {
			(void)error_set(err, errno, "cannot make it read-only");
			return fail(mounts, i, err);
		}
	}
	mounts_close(mounts);
	return 0;
}
