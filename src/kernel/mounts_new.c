/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/filesystem.h"
#include "kernel/mounts_list.h"
#include "oci/config.h"

/* Their superblock is the kernel's own or holds nothing that "ro" could protect: the
 * mount's attribute is enough, and a superblock that others share stays as it is. */
static bool is_virtual(const char *type)
{
	static const char *const types[] = { "cgroup2", "devpts", "mqueue", "proc",
					     "sysfs",   "tmpfs",  NULL };

	for (const char *const *t = types; *t != NULL; t++) {
		if (strcmp(*t, type) == 0)
			return true;
	}
	return false;
}

/* Whose files have labels of their own by the policy, and take no other. */
static bool has_own_labels(const char *type)
{
	return strcmp(type, "proc") == 0 || strcmp(type, "sysfs") == 0 ||
	       strcmp(type, "mqueue") == 0;
}

/* Layers whose paths are too long for fsconfig(2) go by descriptor, Linux 6.13. */
static int set_directory(int context, const char *key, const char *path,
			 struct error *err)
{
	auto_close int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return error_set(err, errno, "cannot open '%s'", path);
	if (filesystem_set_fd(context, key, fd, err) == 0)
		return 0;
	if (err->code == EBADF || err->code == EOPNOTSUPP)
		return error_hint(err, "more than %d bytes of it need Linux 6.13",
				  FILESYSTEM_VALUE_MAX);
	return -1;
}

static int set_directories(int context, const char *value, struct error *err)
{
	char path[PATH_MAX];

	while (*value != '\0') {
		size_t length = strcspn(value, ":");

		if (length >= sizeof(path) || memchr(value, '\\', length) != NULL)
			return error_set(err, 0,
					 "option 'lowerdir' has a path that is "
					 "too long or has a '\\' in it");
		memcpy(path, value, length);
		path[length] = '\0';
		if (set_directory(context, "lowerdir+", path, err) < 0)
			return -1;
		value += length;
		value += *value == ':';
	}
	return 0;
}

static int set_option(int context, const char *type, const char *option,
		      struct error *err)
{
	const char *value = strchr(option, '=');
	char key[FILESYSTEM_VALUE_MAX + 1];
	size_t length = value != NULL ? (size_t)(value - option) : strlen(option);

	if (length >= sizeof(key))
		return error_set(err, 0, "option '%.32s…' is too long", option);
	memcpy(key, option, length);
	key[length] = '\0';
	if (value == NULL)
		return filesystem_set(context, key, NULL, err);
	value++;
	if (strcmp(type, "overlay") != 0 || strlen(value) <= FILESYSTEM_VALUE_MAX)
		return filesystem_set(context, key, value, err);
	if (strcmp(key, "lowerdir") == 0)
		return set_directories(context, value, err);
	return set_directory(context, key, value, err);
}

static bool has_option(const struct mount_options *options, const char *start)
{
	for (const char **data = options->data; *data != NULL; data++) {
		if (strncmp(*data, start, strlen(start)) == 0)
			return true;
	}
	return false;
}

static int set_mode(int context, mode_t covered, struct error *err)
{
	char mode[16];

	(void)snprintf(mode, sizeof(mode), "%04o", (unsigned)covered & 07777);
	return filesystem_set(context, "mode", mode, err);
}

static int set_options(int context, const struct mount *mount, mode_t covered,
		       struct error *err)
{
	const struct mount_options *options = &mount->options;
	const char *type = mount->from->type, *source = mount->from->source;

	/* What mountinfo, and with it df(1), will show. */
	if (source != NULL && source[0] != '\0' &&
	    filesystem_set(context, "source", source, err) < 0)
		return -1;
	if (options->read_only && !is_virtual(type) &&
	    filesystem_set(context, "ro", NULL, err) < 0)
		return -1;
	if (strcmp(type, "tmpfs") == 0 && !has_option(options, "mode=") &&
	    set_mode(context, covered, err) < 0)
		return -1;
	if (mount->label != NULL && !has_own_labels(type) &&
	    filesystem_set(context, mount->label_type, mount->label, err) < 0)
		return -1;
	for (const char **data = options->data; *data != NULL; data++) {
		if (set_option(context, type, *data, err) < 0)
			return -1;
	}
	return 0;
}

mode_t mount_point_mode(const struct mount *mount, mode_t type)
{
	if (type == S_IFREG)
		return 0644;
	return !mount->is_bind && mount->from->type != NULL &&
			       strcmp(mount->from->type, "tmpfs") == 0
		       ? 01777
		       : 0755;
}

bool mount_is_read_only_late(const struct mount *mount)
{
	return !mount->is_bind && mount->options.read_only && mount->from->type != NULL &&
	       (strcmp(mount->from->type, "tmpfs") == 0 ||
		strcmp(mount->destination, "/dev") == 0);
}

int mount_new(const struct mount *mount, mode_t covered, struct error *err)
{
	const struct mount_options *options = &mount->options;
	const char *type = mount->from->type;
	uint64_t attributes =
		(options->set & ~options->recursive_clear) | options->recursive_set;
	auto_close int context = filesystem_open(type, err);
	int tree;

	if (context < 0)
		return -1;
	if (set_options(context, mount, covered, err) < 0)
		return -1;
	if (mount_is_read_only_late(mount))
		attributes &= ~(uint64_t)MOUNT_ATTR_RDONLY;
	tree = filesystem_mount(context, type, attributes, err);
	/* Overlay and others tell only the kernel's log. */
	if (tree < 0 && err->code == EINVAL && strchr(err->text, '(') == NULL)
		return error_hint(err, "see dmesg for what the kernel says");
	return tree;
}
