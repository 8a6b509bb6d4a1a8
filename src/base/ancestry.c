/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ancestry.h"
#include "base/auto.h"

void ancestry_find(int fd, struct ancestry *ancestry)
{
	auto_close int current = openat(fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat status;
	int above;

	ancestry->count = 0;
	while (current >= 0 && ancestry->count < ANCESTORS_MAX &&
	       fstat(current, &status) == 0) {
		size_t count = ancestry->count;

		if (count > 0 && ancestry->list[count - 1].device == status.st_dev &&
		    ancestry->list[count - 1].inode == status.st_ino)
			return; /* ".." of the root is the root */
		ancestry->list[count].device = status.st_dev;
		ancestry->list[count].inode = status.st_ino;
		ancestry->count++;
		above = openat(current, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
		(void)close(current);
		current = above;
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
