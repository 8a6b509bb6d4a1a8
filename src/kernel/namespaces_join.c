/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/syscalls.h"
#include "base/text.h"
#include "kernel/namespaces.h"
#include "oci/config.h"

static int join(int fd, int flag, struct error *err)
{
	if (setns(fd, flag) == 0)
		return 0;
	return error_set(err, errno, "cannot join the namespace of type '%s'",
			 namespaces_type(flag));
}

static int join_pid(int fd, struct error *err)
{
	if (join(fd, CLONE_NEWPID, err) == 0)
		return 0;
	/* pid_namespaces(7): only a descendant of the caller's can be joined. */
	return err->code == EINVAL ? error_hint(err, "it is not below our own") : -1;
}

int namespaces_enter_pid(const struct namespaces *namespaces, struct error *err)
{
	int fd = namespaces_find(namespaces, CLONE_NEWPID);

	return fd < 0 ? 0 : join_pid(fd, err);
}

int namespaces_leave_pid(const struct namespaces *namespaces, struct error *err)
{
	auto_close int own = -1;

	if (namespaces_find(namespaces, CLONE_NEWPID) < 0)
		return 0;
	own = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
	if (own < 0)
		return error_set(err, errno, "cannot open '/proc/self/ns/pid'");
	return join(own, CLONE_NEWPID, err);
}

static int join_these(const struct namespaces *namespaces, int flags, struct error *err)
{
	for (size_t i = 0; i < namespaces->joined_count; i++) {
		int flag = namespaces->joined[i].flag, fd = namespaces->joined[i].fd;
		int result = 0;

		if ((flag & flags) == 0)
			continue;
		result = flag == CLONE_NEWPID ? join_pid(fd, err) : join(fd, flag, err);
		if (result < 0)
			return -1;
	}
	return 0;
}

enum {
	/* But the user namespace, and the mount namespace. */
	ALL = CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWPID |
	      CLONE_NEWTIME | CLONE_NEWUTS,
};

int namespaces_join(const struct namespaces *namespaces, struct error *err)
{
	return join_these(namespaces, ALL & ~CLONE_NEWPID, err);
}

/* What the host's root may join and the namespace's may not; returns the flags of those
 * that are left. */
static int join_as_host(const struct namespaces *namespaces)
{
	int left = 0;

	for (size_t i = 0; i < namespaces->joined_count; i++) {
		int flag = namespaces->joined[i].flag;

		if ((flag & ALL) != 0 && setns(namespaces->joined[i].fd, flag) < 0)
			left |= flag;
	}
	return left;
}

/* The id to make the container with: 0, or where that is not mapped the first that is. */
static unsigned inner_root(const struct config_id_map *maps, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (maps[i].container_id == 0)
			return 0;
	}
	return count > 0 ? (unsigned)maps[0].container_id : 0;
}

static int become_inner_root(const struct config_linux *linux_, struct error *err)
{
	gid_t gid = inner_root(linux_->gid_mappings, linux_->gid_mappings_count);
	uid_t uid = inner_root(linux_->uid_mappings, linux_->uid_mappings_count);

	/* Of a joined one the maps are not known, EINVAL: 0 is not mapped. */
	if ((setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0) &&
	    errno != EINVAL)
		return error_set(err, errno, "cannot become root of the user namespace");
	/* proc(5) fs.suid_dumpable may have set it to another value. */
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	return 0;
}

static int join_user(const struct namespaces *namespaces, struct error *err)
{
	int user = namespaces_find(namespaces, CLONE_NEWUSER);
	int left = join_as_host(namespaces);

	if (join(user, CLONE_NEWUSER, err) < 0 ||
	    become_inner_root(namespaces->linux_, err) < 0)
		return -1;
	return join_these(namespaces, left, err);
}

int namespaces_enter_process(const struct config_linux *linux_, int pidfd,
			     struct error *err)
{
	if (setns(pidfd, CLONE_NEWUSER | CLONE_NEWPID) < 0)
		return error_set(err, errno, "cannot join its user namespace");
	return become_inner_root(linux_, err);
}

int namespaces_join_process(const struct config_linux *linux_, int pidfd,
			    struct error *err)
{
	/* Those of its children are another's pid namespace; a process cannot join its
	 * own user namespace again. */
	int flags = namespaces_listed(linux_) & ~(CLONE_NEWPID | CLONE_NEWUSER);

	if (setns(pidfd, flags | CLONE_NEWNS) < 0)
		return error_set(err, errno, "cannot join those of the container");
	return 0;
}

/* The file belongs to root as long as the process is not dumpable; nobody of a container
 * sees this process yet. */
static int open_offsets(struct error *err)
{
	int fd;

	(void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	fd = open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (fd < 0)
		return error_set(err, errno, "cannot open '/proc/self/timens_offsets'");
	return fd;
}

static void put_offset(struct text *text, const char *clock,
		       const struct config_time_offset *offset)
{
	if (offset != NULL)
		text_format(text, "%s %" PRId64 " %" PRIu64 "\n", clock, offset->secs,
			    offset->nanosecs);
}

static int make_time(const struct config_time_offsets *offsets, int fd, struct error *err)
{
	auto_text struct text text = { 0 };

	if (unshare(CLONE_NEWTIME) < 0)
		return error_set(err, errno, "cannot make a time namespace");
	if (offsets == NULL)
		return 0;
	put_offset(&text, "monotonic", offsets->monotonic);
	put_offset(&text, "boottime", offsets->boottime);
	if (text.length == 0 || file_write_full(fd, text.data, text.length) == 0)
		return 0;
	error_set(err, errno, "cannot set the clocks");
	if (err->code == ERANGE)
		(void)error_hint(err, "a clock would be below zero, or above 146 years");
	return error_at(err, "linux.timeOffsets");
}

int namespaces_enter(const struct namespaces *namespaces, struct error *err)
{
	auto_close int offsets = -1;

	if (namespaces->new_time) {
		offsets = open_offsets(err);
		if (offsets < 0)
			return -1;
	}
	if (namespaces_find(namespaces, CLONE_NEWUSER) < 0
		    ? join_these(namespaces, ALL, err) < 0
		    : join_user(namespaces, err) < 0)
		return -1;
	return namespaces->new_time
		       ? make_time(namespaces->linux_->time_offsets, offsets, err)
		       : 0;
}
