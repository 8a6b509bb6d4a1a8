/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/names.h"
#include "base/process.h"
#include "kernel/id_maps.h"
#include "kernel/namespaces.h"
#include "oci/config.h"

static const struct name types[] = {
	{ "cgroup", CLONE_NEWCGROUP }, { "ipc", CLONE_NEWIPC }, { "mount", CLONE_NEWNS },
	{ "network", CLONE_NEWNET },   { "pid", CLONE_NEWPID }, { "time", CLONE_NEWTIME },
	{ "user", CLONE_NEWUSER },     { "uts", CLONE_NEWUTS }, { NULL, 0 },
};

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
	if ((flag & seen) != 0)
		return error_set(err, 0, "'%s' is given twice", entry->type);
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

static struct id_maps maps_of(const struct config_linux *linux_)
{
	return (struct id_maps){ linux_->uid_mappings, linux_->gid_mappings,
				 linux_->uid_mappings_count, linux_->gid_mappings_count };
}

/* Maps beside a path are without effect: Podman writes some there. */
static int check_maps(const struct config_linux *linux_, struct error *err)
{
	const struct id_maps maps = maps_of(linux_);
	bool is_new = namespaces_has_new(linux_, CLONE_NEWUSER);

	if (id_maps_check(&maps, err) < 0)
		return -1;
	if (is_new && maps.uid_count == 0) {
		(void)error_set(err, 0, "missing, and a new user namespace needs it");
		return error_at(err, "uidMappings");
	}
	if (maps.uid_count > 0 && !is_new &&
	    !namespaces_has_joined(linux_, CLONE_NEWUSER)) {
		(void)error_set(err, 0, "given without a namespace of type 'user'");
		return error_at(err, "uidMappings");
	}
	return 0;
}

static int check_offsets(const struct config_linux *linux_, struct error *err)
{
	if (linux_->time_offsets == NULL || namespaces_has_new(linux_, CLONE_NEWTIME))
		return 0;
	(void)error_set(err, 0, "given without a new namespace of type 'time'");
	return error_at(err, "timeOffsets");
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
	/* Its root could not join the host's. */
	if ((seen & CLONE_NEWNS) == 0 && (seen & CLONE_NEWUSER) != 0) {
		error_set(err, 0,
			  "a namespace of type 'mount' is needed beside that of type "
			  "'user'");
		return error_at(err, "linux.namespaces");
	}
	if (geteuid() != 0 && (seen & CLONE_NEWUSER) == 0) {
		(void)error_set(err, 0,
				"only root can do without a namespace of type 'user'");
		(void)error_hint(err, "see 'minirun spec --rootless'");
		return error_at(err, "linux.namespaces");
	}
	if (check_maps(linux_, err) < 0 || check_offsets(linux_, err) < 0)
		return error_at(err, "linux");
	return 0;
}

int namespaces_listed(const struct config_linux *linux_)
{
	int flags = 0;

	for (size_t i = 0; i < linux_->namespaces_count; i++)
		flags |= flag_of(&linux_->namespaces[i]);
	return flags;
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
	return take_fd(&fd);
}

static void add_joined(struct namespaces *namespaces, int flag, int fd)
{
	size_t last = namespaces->joined_count++;

	namespaces->joined[last].fd = fd;
	namespaces->joined[last].flag = flag;
}

static int add_new(struct namespaces *namespaces, int flag, struct error *err)
{
	const struct id_maps maps = maps_of(namespaces->linux_);
	int fd;

	switch (flag) {
	case CLONE_NEWCGROUP:
		namespaces->new_cgroup = true;
		return 0;
	case CLONE_NEWTIME:
		namespaces->new_time = true;
		return 0;
	case CLONE_NEWUSER:
		fd = id_maps_namespace(&maps, err);
		if (fd < 0)
			return err->where[0] != '\0' ? error_at(err, "linux") : -1;
		add_joined(namespaces, flag, fd);
		return 0;
	default:
		namespaces->clone_flags |= (uint64_t)flag;
		return 0;
	}
}

static int add_path(struct namespaces *namespaces, const struct config_namespace *entry,
		    size_t index, struct error *err)
{
	int fd = open_joined(entry, err);

	if (fd < 0)
		return error_at(err, "linux.namespaces[%zu].path", index);
	add_joined(namespaces, flag_of(entry), fd);
	return 0;
}

/* The root is made in a new one in any case, rootfs_move(). */
static int add_mounts(struct namespaces *namespaces, struct error *err)
{
	int fd;

	namespaces->clone_flags |= CLONE_NEWNS;
	if ((namespaces_listed(namespaces->linux_) & CLONE_NEWNS) != 0)
		return 0;
	fd = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return error_set(err, errno, "cannot open '/proc/self/ns/mnt'");
	add_joined(namespaces, CLONE_NEWNS, fd);
	return 0;
}

int namespaces_open(struct namespaces *namespaces, const struct config_linux *linux_,
		    struct error *err)
{
	*namespaces = (struct namespaces){ .linux_ = linux_ };
	for (size_t i = 0; i < linux_->namespaces_count; i++) {
		const struct config_namespace *entry = &linux_->namespaces[i];
		int result = has_path(entry) ? add_path(namespaces, entry, i, err)
					     : add_new(namespaces, flag_of(entry), err);

		if (result < 0) {
			namespaces_release(namespaces);
			return -1;
		}
	}
	return add_mounts(namespaces, err);
}

int namespaces_find(const struct namespaces *namespaces, int flag)
{
	for (size_t i = 0; i < namespaces->joined_count; i++)
		if (namespaces->joined[i].flag == flag)
			return namespaces->joined[i].fd;
	return -1;
}

const struct name *namespaces_types(void)
{
	return types;
}

const char *namespaces_type(int flag)
{
	return name_text(types, flag);
}

bool namespaces_in_two_steps(const struct namespaces *namespaces)
{
	return namespaces->new_time || namespaces_find(namespaces, CLONE_NEWUSER) >= 0 ||
	       (namespaces_find(namespaces, CLONE_NEWPID) >= 0 && !process_is_host());
}

void namespaces_release(struct namespaces *namespaces)
{
	for (size_t i = 0; i < namespaces->joined_count; i++)
		(void)close(namespaces->joined[i].fd);
	namespaces->joined_count = 0;
}
