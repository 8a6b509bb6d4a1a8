/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/path.h"
#include "kernel/devices.h"
#include "kernel/devices_bind.h"
#include "kernel/inside.h"
#include "oci/config.h"

enum { MAJOR_MAX = (1 << 12) - 1, MINOR_MAX = (1 << 20) - 1 }; /* of the kernel's dev_t */

struct node {
	const char *path, *name;
	unsigned major, minor;
};

#define NODE(NAME, MAJOR, MINOR)                 \
	{                                        \
		"/dev/" NAME, NAME, MAJOR, MINOR \
	}

static const struct node default_nodes[] = {
	NODE("null", 1, 3),   NODE("zero", 1, 5),    NODE("full", 1, 7),
	NODE("random", 1, 8), NODE("urandom", 1, 9), NODE("tty", 5, 0),
	{ NULL, NULL, 0, 0 },
};

struct link {
	const char *name, *target;
};

static const struct link default_links[] = {
	{ "fd", "/proc/self/fd" },       { "stdin", "/proc/self/fd/0" },
	{ "stdout", "/proc/self/fd/1" }, { "stderr", "/proc/self/fd/2" },
	{ "ptmx", "pts/ptmx" },          { NULL, NULL },
};

/* The file type of mknod(2), or 0. "u" is an unbuffered character device. */
static mode_t file_type(const char *type)
{
	if (strcmp(type, "c") == 0 || strcmp(type, "u") == 0)
		return S_IFCHR;
	if (strcmp(type, "b") == 0)
		return S_IFBLK;
	if (strcmp(type, "p") == 0)
		return S_IFIFO;
	return 0;
}

static bool is_in_range(const int64_t *number, int64_t most)
{
	return number != NULL && *number >= 0 && *number <= most;
}

static int fail_at(struct error *err, const char *member)
{
	return error_at(err, "%s", member);
}

static int check_id(const int64_t *id, const char *member, struct error *err)
{
	if (id == NULL || is_in_range(id, (int64_t)UINT32_MAX - 1))
		return 0;
	(void)error_set(err, 0, "%lld is not an id", (long long)*id);
	return fail_at(err, member);
}

static int check_one(const struct config_device *device, struct error *err)
{
	if (file_type(device->type) == 0) {
		(void)error_set(err, 0, "unknown device type '%s'", device->type);
		return fail_at(err, "type");
	}
	if (device->path[0] != '/' || strlen(device->path) >= PATH_MAX) {
		(void)error_set(err, 0, "'%.64s' is not an absolute path", device->path);
		return fail_at(err, "path");
	}
	if (file_type(device->type) != S_IFIFO) {
		if (!is_in_range(device->major, MAJOR_MAX)) {
			(void)error_set(err, 0, "a device needs a number up to %d",
					MAJOR_MAX);
			return fail_at(err, "major");
		}
		if (!is_in_range(device->minor, MINOR_MAX)) {
			(void)error_set(err, 0, "a device needs a number up to %d",
					MINOR_MAX);
			return fail_at(err, "minor");
		}
	}
	if (device->file_mode != NULL && (*device->file_mode < 0)) {
		(void)error_set(err, 0, "%lld is not a mode",
				(long long)*device->file_mode);
		return fail_at(err, "fileMode");
	}
	if (check_id(device->uid, "uid", err) < 0)
		return -1;
	return check_id(device->gid, "gid", err);
}

int devices_check(const struct config_linux *linux_, struct error *err)
{
	auto_arena struct arena arena = { 0 };

	for (size_t i = 0; linux_ != NULL && i < linux_->devices_count; i++) {
		const struct config_device *device = &linux_->devices[i];
		const char *path;

		if (check_one(device, err) < 0)
			return error_at(err, "linux.devices[%zu]", i);
		path = path_clean(&arena, device->path);
		if (strcmp(path, "/") == 0 || strcmp(path, "/dev") == 0) {
			(void)error_set(err, 0, "'%s' cannot be a device", device->path);
			return error_at(err, "linux.devices[%zu].path", i);
		}
	}
	return 0;
}

/* Whether the name in the directory is that node already. */
static bool is_node(int dirfd, const char *name, mode_t type, dev_t number)
{
	struct stat status;

	return fstatat(dirfd, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
	       (status.st_mode & S_IFMT) == type &&
	       (type == S_IFIFO || status.st_rdev == number);
}

static int make_default_node(int devfd, const struct node *node, enum devices_way way,
			     struct error *err)
{
	dev_t number = makedev(node->major, node->minor);

	if (way == DEVICES_BOUND)
		return device_bind(devfd, node->name,
				   &(struct host_device){ node->path, S_IFCHR, number },
				   err);

	if (mknodat(devfd, node->name, S_IFCHR | 0666, number) == 0)
		return 0;
	if (errno == EEXIST && is_node(devfd, node->name, S_IFCHR, number))
		return 0;
	if (errno == EEXIST && unlinkat(devfd, node->name, 0) == 0 &&
	    mknodat(devfd, node->name, S_IFCHR | 0666, number) == 0)
		return 0;
	return error_set(err, errno, "cannot make '/dev/%s'", node->name);
}

static bool is_link(int devfd, const struct link *link)
{
	char target[64];
	ssize_t length = readlinkat(devfd, link->name, target, sizeof(target));

	return length == (ssize_t)strlen(link->target) &&
	       memcmp(target, link->target, (size_t)length) == 0;
}

static int make_link(int devfd, const struct link *link, struct error *err)
{
	if (symlinkat(link->target, devfd, link->name) == 0)
		return 0;
	if (errno == EEXIST && is_link(devfd, link))
		return 0;
	if (errno == EEXIST && unlinkat(devfd, link->name, 0) == 0 &&
	    symlinkat(link->target, devfd, link->name) == 0)
		return 0;
	return error_set(err, errno, "cannot make '/dev/%s'", link->name);
}

static int make_defaults(int devfd, enum devices_way way, struct error *err)
{
	static const struct link core = { "core", "/proc/kcore" };

	for (const struct node *node = default_nodes; node->name != NULL; node++) {
		if (make_default_node(devfd, node, way, err) < 0)
			return -1;
	}
	for (const struct link *link = default_links; link->name != NULL; link++) {
		if (make_link(devfd, link, err) < 0)
			return -1;
	}
	/* Absent where the kernel is built without CONFIG_PROC_KCORE. */
	return access(core.target, F_OK) == 0 ? make_link(devfd, &core, err) : 0;
}

static dev_t number_of(const struct config_device *device)
{
	return file_type(device->type) == S_IFIFO
		       ? 0
		       : makedev((unsigned)*device->major, (unsigned)*device->minor);
}

static int make_node(int dirfd, const char *name, const struct config_device *device,
		     struct error *err)
{
	mode_t type = file_type(device->type);
	mode_t mode =
		device->file_mode != NULL ? (mode_t)*device->file_mode & 07777 : 0666;
	uid_t uid = device->uid != NULL ? (uid_t)*device->uid : 0;
	gid_t gid = device->gid != NULL ? (gid_t)*device->gid : 0;
	dev_t number = number_of(device);

	if (mknodat(dirfd, name, type | mode, number) < 0) {
		if (errno == EEXIST && is_node(dirfd, name, type, number))
			return 0;
		return error_set(err, errno, "cannot make '%s'", device->path);
	}
	/* A new file is ours: most devices are root's. */
	if ((uid != geteuid() || gid != getegid()) &&
	    fchownat(dirfd, name, uid, gid, AT_SYMLINK_NOFOLLOW) < 0)
		return error_set(err, errno, "cannot set the owner of '%s'",
				 device->path);
	return 0;
}

static int put_node(int dirfd, const char *name, const struct config_device *device,
		    enum devices_way way, struct error *err)
{
	const struct host_device host = { device->path, file_type(device->type),
					  number_of(device) };

	return way == DEVICES_BOUND && host.type != S_IFIFO
		       ? device_bind(dirfd, name, &host, err)
		       : make_node(dirfd, name, device, err);
}

struct place {
	int rootfd, devfd;
	enum devices_way way;
};

/* The path is cleaned. One right in /dev needs no look-up. */
static int apply_one(const struct config_device *device, const char *path,
		     const struct place *place, struct error *err)
{
	bool is_below_dev = path_is_under(path, "/dev");
	const char *rest = is_below_dev ? path + strlen("/dev") : path;
	const char *name = strrchr(path, '/') + 1;
	char parent[PATH_MAX];
	auto_close int dirfd = -1;

	if (is_below_dev && rest + 1 == name)
		return put_node(place->devfd, name, device, place->way, err);
	memcpy(parent, rest, (size_t)(name - rest));
	parent[name - rest] = '\0';
	dirfd = inside_make_directory(is_below_dev ? place->devfd : place->rootfd, parent,
				      0755, err);
	if (dirfd < 0)
		return -1;
	return put_node(dirfd, name, device, place->way, err);
}

int devices_apply(const struct config_linux *linux_, int rootfd, int devfd,
		  enum devices_way way, struct error *err)
{
	const struct place place = { rootfd, devfd, way };
	auto_arena struct arena arena = { 0 };

	for (size_t i = 0; linux_ != NULL && i < linux_->devices_count; i++) {
		const struct config_device *device = &linux_->devices[i];
		const char *path = path_clean(&arena, device->path);

		/* Always the link to the container's own devpts. */
		if (strcmp(path, "/dev/ptmx") == 0)
			continue;
		if (apply_one(device, path, &place, err) < 0)
			return error_at(err, "linux.devices[%zu]", i);
	}
	return make_defaults(devfd, way, err);
}
