/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "kernel/streams.h"
#include "oci/config.h"

static bool is_null(const struct stat *status)
{
	return S_ISCHR(status->st_mode) && status->st_rdev == makedev(1, 3);
}

/* An open file keeps its mount: the host's /dev would stay in use by the container. */
static int replace_null(int stream, struct error *err)
{
	auto_close int null =
		open("/dev/null", O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat status;

	if (null < 0 || fstat(null, &status) < 0 || !is_null(&status))
		return 0;
	if (dup2(null, stream) < 0)
		return error_set(err, errno, "cannot replace stream %d", stream);
	return 0;
}

static bool is_givable(const struct stat *status)
{
	return S_ISFIFO(status->st_mode) || S_ISSOCK(status->st_mode) ||
	       (S_ISCHR(status->st_mode) && major(status->st_rdev) >= 136 &&
		major(status->st_rdev) <= 143); /* Unix98 pty slaves */
}

int streams_apply(const struct config_process *process, struct error *err)
{
	uid_t uid = process->user == NULL ? 0 : (uid_t)process->user->uid;

	for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++) {
		struct stat status;

		if (fstat(stream, &status) < 0)
			continue; /* closed by the caller, and so for the payload */
		if (is_null(&status)) {
			if (replace_null(stream, err) < 0)
				return -1;
		} else if (status.st_uid != uid && is_givable(&status)) {
			(void)!fchown(stream, uid, (gid_t)-1);
		}
	}
	return 0;
}
