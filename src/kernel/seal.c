/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "kernel/seal.h"

/*
 * What a container can reach is /proc/PID/exe of the process that enters it: the file on
 * the mount it was executed from. The clone's read-only flag is the mount's own; the
 * clone belongs to no mount namespace once its descriptor is closed, and
 * mount_setattr(2), remount, open_tree(2) and move_mount(2) on it give EINVAL from then
 * on, to the host's root as well (tried on Linux 6.18). fspick(2) still reaches the
 * superblock, whose flags do not lift the mount's.
 *
 * An ordinary read-only mount of the host is no seal: it can be made writable while a
 * container waits for its start.
 */

static const char program[] = "/proc/self/exe";
static const char marker[] = "MINIRUN_SEALED";

enum { SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE };

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U /* Linux 6.3; before that every memfd is executable */
#endif

/* Of a mount outside of every namespace open_tree(2) says EINVAL. So it does of an
 * unbindable one, therefore the marker, which only a run that made the clone leaves. */
static bool is_detached_clone(int open_tree_errno)
{
	struct statfs status;

	return open_tree_errno == EINVAL && getenv(marker) != NULL &&
	       statfs(program, &status) == 0 && (status.f_flags & ST_RDONLY) != 0;
}

static bool is_sealed_memory(void)
{
	auto_close int fd = open(program, O_RDONLY | O_CLOEXEC);
	int seals = fd >= 0 ? fcntl(fd, F_GET_SEALS) : -1;

	return seals > 0 && (seals & SEALS) == SEALS;
}

static int execute(int fd, char **argv, struct error *err)
{
	if (setenv(marker, "1", 1) < 0)
		return error_set(err, errno, "cannot execute '%s' again", program);
	(void)execveat(fd, "", argv, environ, AT_EMPTY_PATH);
	error_set(err, errno, "cannot execute '%s' again", program);
	(void)unsetenv(marker);
	return -1;
}

static int copy_to_memory(struct error *err)
{
	auto_close int source = open(program, O_RDONLY | O_CLOEXEC);
	auto_close int copy =
		memfd_create("minirun", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
	ssize_t copied;

	if (copy < 0 && errno == EINVAL)
		copy = memfd_create("minirun", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (source < 0 || copy < 0)
		return error_set(err, errno, "cannot copy '%s' to memory", program);
	do
		copied = sendfile(copy, source, NULL, 1 << 24);
	while (copied > 0);
	if (copied < 0 || fcntl(copy, F_ADD_SEALS, SEALS) < 0)
		return error_set(err, errno, "cannot copy '%s' to memory", program);
	return take_fd(&copy);
}

/* The second run. The kernel before 6.14 calls a program that was executed by descriptor
 * after its number, and ps(1) shows it. */
static int settle(void)
{
	if (getenv(marker) == NULL)
		return 0;
	(void)unsetenv(marker);
	(void)prctl(PR_SET_NAME, "minirun");
	return 0;
}

int seal_program(char **argv, struct error *err)
{
	auto_close int memory = -1;
	auto_close int tree =
		open_tree(AT_FDCWD, program, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	struct mount_attr read_only = { .attr_set = MOUNT_ATTR_RDONLY };

	if (tree < 0 && (is_detached_clone(errno) || is_sealed_memory()))
		return settle();
	/* It was executed again, and in vain: once more would be for ever. */
	if (getenv(marker) != NULL)
		return error_set(err, 0, "cannot seal '%s'", program);
	if (tree >= 0 &&
	    mount_setattr(tree, "", AT_EMPTY_PATH, &read_only, sizeof(read_only)) == 0)
		(void)execute(tree, argv, err);
	memory = copy_to_memory(err);
	return memory < 0 ? -1 : execute(memory, argv, err);
}
