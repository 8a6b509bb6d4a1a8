/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/error.h"
#include "base/filesystem.h"

enum { MESSAGE_MAX = 512 };

/*
 * The first complaint of the kernel: each read(2) gives one message, "e text\n" for
 * an error, ENODATA when there is no more.
 */
static bool read_complaint(int context, char message[MESSAGE_MAX])
{
	ssize_t length;

	while ((length = read(context, message, MESSAGE_MAX - 1)) > 2) {
		if (message[0] != 'e')
			continue;
		while (message[length - 1] == '\n') /* proc has one of its own */
			length--;
		message[length] = '\0';
		return true;
	}
	return false;
}

static int add_complaint(int context, struct error *err)
{
	char message[MESSAGE_MAX];

	if (read_complaint(context, message))
		return error_hint(err, "%s", message + 2);
	return -1;
}

int filesystem_open(const char *type, struct error *err)
{
	int context = fsopen(type, FSOPEN_CLOEXEC);

	if (context < 0 && errno == ENODEV)
		return error_set(err, 0, "unknown file system type '%s'", type);
	if (context < 0)
		return error_set(err, errno, "cannot open file system '%s'", type);
	return context;
}

int filesystem_set(int context, const char *key, const char *value, struct error *err)
{
	if (value == NULL) {
		if (fsconfig(context, FSCONFIG_SET_FLAG, key, NULL, 0) == 0)
			return 0;
		(void)error_set(err, errno, "cannot set option '%s'", key);
		return add_complaint(context, err);
	}
	/* The kernel would say EINVAL and nothing else. */
	if (strlen(value) > FILESYSTEM_VALUE_MAX)
		return error_set(err, 0, "option '%s' is longer than %d bytes", key,
				 FILESYSTEM_VALUE_MAX);
	if (fsconfig(context, FSCONFIG_SET_STRING, key, value, 0) == 0)
		return 0;
	(void)error_set(err, errno, "cannot set option '%s' to '%s'", key, value);
	return add_complaint(context, err);
}

int filesystem_set_fd(int context, const char *key, int fd, struct error *err)
{
	if (fsconfig(context, FSCONFIG_SET_FD, key, NULL, fd) == 0)
		return 0;
	(void)error_set(err, errno, "cannot set option '%s'", key);
	return add_complaint(context, err);
}

int filesystem_mount(int context, const char *type, uint64_t attributes,
		     struct error *err)
{
	int mount;

	if (fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0) {
		(void)error_set(err, errno, "cannot create file system '%s'", type);
		return add_complaint(context, err);
	}
	mount = fsmount(context, FSMOUNT_CLOEXEC, (unsigned)attributes);
	if (mount >= 0)
		return mount;
	(void)error_set(err, errno, "cannot mount file system '%s'", type);
	return add_complaint(context, err);
}
