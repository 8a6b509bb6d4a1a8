/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "kernel/cgroup.h"
#include "kernel/cgroup_files.h"

/* Before Linux 4.15 there is no list; these were all then. */
static const char before[] = "cgroup.procs\ncgroup.threads\ncgroup.subtree_control\n";

static int give_files(int dirfd, char *files, uid_t uid)
{
	char *state = NULL;

	for (char *file = strtok_r(files, "\n", &state); file != NULL;
	     file = strtok_r(NULL, "\n", &state)) {
		/* Those of a controller that is not enabled here are not there. */
		if (fchownat(dirfd, file, uid, (gid_t)-1, AT_SYMLINK_NOFOLLOW) < 0 &&
		    errno != ENOENT)
			return -1;
	}
	return 0;
}

int cgroup_give(const struct cgroup *cgroup, uid_t uid, struct error *err)
{
	char directory[CGROUP_DIRECTORY_MAX], files[4096];
	auto_close int fd = -1;

	if (cgroup->unified_mount_point == NULL)
		return 0;
	(void)cgroup_directory(directory, cgroup->unified_mount_point, cgroup->path);
	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (cgroup_file_read("/sys/kernel/cgroup", "delegate", files, sizeof(files)) <= 0)
		memcpy(files, before, sizeof(before));
	if (fd < 0 || fchown(fd, uid, (gid_t)-1) < 0 || give_files(fd, files, uid) < 0)
		return error_set(err, errno, "cannot give cgroup '%s' to uid %u",
				 directory, uid);
	return 0;
}
