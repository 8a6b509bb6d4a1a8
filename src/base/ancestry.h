/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* ancestry - a directory and all above it, whatever the names on the way. */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { ANCESTORS_MAX = 128 };

struct ancestry {
	struct {
		dev_t device;
		ino_t inode;
	} list[ANCESTORS_MAX]; /* the directory itself is the first */
	size_t count;
};

/* By "..", so that what lies behind a bind mount is not seen. What cannot be looked at
 * ends the list. */
void ancestry_find(int fd, struct ancestry *ancestry);

/* Whether the directory with that device and inode is in it. */
bool ancestry_has(const struct ancestry *ancestry, dev_t device, ino_t inode);
