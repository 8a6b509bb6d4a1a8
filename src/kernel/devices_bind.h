/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* devices_bind - a device of the host, by bind mount, where mknod(2) is not allowed. */

#include <sys/types.h>

struct error;

struct host_device {
	const char *path; /* on the host, in whose view the caller still is */
	mode_t type;      /* S_IFCHR, S_IFBLK */
	dev_t number;
};

/* Puts it over dirfd/name, a file that is made if need be and not followed. The host's
 * has to be of that type and number. */
int device_bind(int dirfd, const char *name, const struct host_device *device,
		struct error *err);
