/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <sys/stat.h>

#include "base/ancestry.h"

void ancestry_find(int fd, struct ancestry *ancestry)
{
	char path[ANCESTORS_MAX * sizeof("/..")] = ".";
	struct stat status;

	ancestry->count = 0;
	while (ancestry->count < ANCESTORS_MAX && fstatat(fd, path, &status, 0) == 0) {
		size_t count = ancestry->count;

		if (count > 0 && ancestry->list[count - 1].device == status.st_dev &&
		    ancestry->list[count - 1].inode == status.st_ino)
			return; /* ".." of the root is the root */
		ancestry->list[count].device = status.st_dev;
		ancestry->list[count].inode = status.st_ino;
		memcpy(path + 1 + count * 3, "/..", sizeof("/.."));
		ancestry->count++;
	}
}

bool ancestry_has(const struct ancestry *ancestry, dev_t device, ino_t inode)
{
	for (size_t i = 0; i < ancestry->count; i++) {
		if (ancestry->list[i].device == device &&
		    ancestry->list[i].inode == inode)
			return true;
	}
	return false;
}
