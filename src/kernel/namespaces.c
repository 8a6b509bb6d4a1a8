/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/names.h"
#include "kernel/namespaces.h"
#include "oci/config.h"

static const struct name types[] = {
	{ "cgroup", CLONE_NEWCGROUP }, { "ipc", CLONE_NEWIPC }, { "mount", CLONE_NEWNS },
	{ "network", CLONE_NEWNET },   { "pid", CLONE_NEWPID }, { "time", CLONE_NEWTIME },
	{ "user", CLONE_NEWUSER },     { "uts", CLONE_NEWUTS }, { NULL, 0 },
};

enum { NOT_DONE = CLONE_NEWTIME | CLONE_NEWUSER };

static int flag_of(const struct config_namespace *entry)
{
	const struct name *type = name_find(types, entry->type);

	return type != NULL ? (int)type->value : 0;
}

/* An empty path is no path: writers of the configuration that cannot leave it out. */
static bool has_path(const struct config_namespace *entry)
{
	return entry->path != NULL && entry->path[0] != '\0';
}

static int check_type(const struct config_namespace *entry, int seen, struct error *err)
{
	int flag = flag_of(entry);

	if (flag == 0)
		return error_set(err, 0, "unknown namespace '%s'", entry->type);
	if ((flag & NOT_DONE) != 0)
		return error_set(err, 0, "'%s' is not supported by this version",
				 entry->type);
	if ((flag & seen) != 0)
		return error_set(err, 0, "'%s' is given twice", entry->type);
	return 0;
}

int namespaces_check(const struct config_linux *linux_, struct error *err)
{
	int seen = 0;

	for (size_t i = 0; i < linux_->namespaces_count; i++) {
		const struct config_namespace *entry = &linux_->namespaces[i];

		if (check_type(entry, seen, err) < 0)
			return error_at(err, "linux.namespaces[%zu].type", i);
		if (has_path(entry) && entry->path[0] != '/') {
			error_set(err, 0, "'%s' is not absolute", entry->path);
			return error_at(err, "linux.namespaces[%zu].path", i);
		}
		seen |= flag_of(entry);
	}
	if ((seen & CLONE_NEWNS) == 0) {
		error_set(err, 0, "a namespace of type 'mount' is needed");
		return error_at(err, "linux.namespaces");
	}
	return 0;
}

bool namespaces_has_new(const struct config_linux *linux_, int flag)
{
	for (size_t i = 0; i < linux_->namespaces_count; i++)
		if (flag_of(&linux_->namespaces[i]) == flag)
			return !has_path(&linux_->namespaces[i]);
	return false;
}

bool namespaces_has_joined(const struct config_linux *linux_, int flag)
{
	for (size_t i = 0; i < linux_->namespaces_count; i++)
		if (flag_of(&linux_->namespaces[i]) == flag)
			return has_path(&linux_->namespaces[i]);
	return false;
}

/* Everything that is mounted for the container would be mounted for the host. */
static int refuse_own_mounts(const struct config_namespace *entry, int fd,
			     struct error *err)
{
	struct stat there, here;

	if (fstat(fd, &there) < 0 || stat("/proc/self/ns/mnt", &here) < 0)
		return error_set(err, errno, "cannot stat '%s'", entry->path);
	if (there.st_dev == here.st_dev && there.st_ino == here.st_ino)
		return error_set(err, 0, "'%s' is the host's own", entry->path);
	return 0;
}

/* O_NONBLOCK: the path may be a fifo. Linux 4.11 for NS_GET_NSTYPE, ioctl_ns(2). */
static int open_joined(const struct config_namespace *entry, struct error *err)
{
	auto_close int fd =
		open(entry->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int wanted = flag_of(entry), found;

	if (fd < 0)
		return error_set(err, errno, "cannot open '%s'", entry->path);
	found = ioctl(fd, NS_GET_NSTYPE);
	if (found < 0)
		return error_set(err, 0, "'%s' is not a namespace", entry->path);
	if (found != wanted) {
		const char *type = name_text(types, found);

		return error_set(err, 0, "'%s' is a namespace of type '%s', not '%s'",
				 entry->path, type != NULL ? type : "?", entry->type);
	}
	if (wanted == CLONE_NEWNS && refuse_own_mounts(entry, fd, err) < 0)
		return -1;
	return take_fd(&fd);
}

static void add_new(struct namespaces *namespaces, int flag)
{
	if (flag == CLONE_NEWCGROUP)
		namespaces->new_cgroup = true;
	else
		namespaces->clone_flags |= (uint64_t)flag;
}

int namespaces_open(struct namespaces *namespaces, const struct config_linux *linux_,
		    struct error *err)
{
	*namespaces = (struct namespaces){ 0 };
	for (size_t i = 0; i < linux_->namespaces_count; i++) {
		const struct config_namespace *entry = &linux_->namespaces[i];
		size_t last = namespaces->joined_count;
		int fd;

		if (!has_path(entry)) {
			add_new(namespaces, flag_of(entry));
			continue;
		}
		fd = open_joined(entry, err);
		if (fd < 0) {
			namespaces_release(namespaces);
			return error_at(err, "linux.namespaces[%zu].path", i);
		}
		namespaces->joined[last].fd = fd;
		namespaces->joined[last].flag = flag_of(entry);
		namespaces->joined_count++;
	}
	return 0;
}

static int find_joined(const struct namespaces *namespaces, int flag)
{
	for (size_t i = 0; i < namespaces->joined_count; i++)
		if (namespaces->joined[i].flag == flag)
			return namespaces->joined[i].fd;
	return -1;
}

static int join(int fd, int flag, struct error *err)
{
	if (setns(fd, flag) == 0)
		return 0;
	return error_set(err, errno, "cannot join the namespace of type '%s'",
			 name_text(types, flag));
}

int namespaces_enter_pid(const struct namespaces *namespaces, struct error *err)
{
	int fd = find_joined(namespaces, CLONE_NEWPID);

	if (fd < 0 || join(fd, CLONE_NEWPID, err) == 0)
		return 0;
	/* pid_namespaces(7): only a descendant of the caller's can be joined. */
	return err->code == EINVAL ? error_hint(err, "it is not below our own") : -1;
}

int namespaces_leave_pid(const struct namespaces *namespaces, struct error *err)
{
	auto_close int own = -1;

	if (find_joined(namespaces, CLONE_NEWPID) < 0)
		return 0;
	own = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
	if (own < 0)
		return error_set(err, errno, "cannot open '/proc/self/ns/pid'");
	return join(own, CLONE_NEWPID, err);
}

int namespaces_join(const struct namespaces *namespaces, struct error *err)
{
	int mount = find_joined(namespaces, CLONE_NEWNS);

	for (size_t i = 0; i < namespaces->joined_count; i++) {
		int flag = namespaces->joined[i].flag;

		if (flag != CLONE_NEWPID && flag != CLONE_NEWNS &&
		    join(namespaces->joined[i].fd, flag, err) < 0)
			return -1;
	}
	return mount >= 0 ? join(mount, CLONE_NEWNS, err) : 0;
}

void namespaces_release(struct namespaces *namespaces)
{
	for (size_t i = 0; i < namespaces->joined_count; i++)
		(void)close(namespaces->joined[i].fd);
	namespaces->joined_count = 0;
}
