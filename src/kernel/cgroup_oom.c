/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/parse.h"
#include "kernel/cgroup.h"
#include "kernel/cgroup_files.h"
#include "kernel/cgroup_oom.h"
#include "kernel/cgroup_v1.h"

/* -1 without error where this kernel has no such file, or the cgroup is gone. */
static int open_file(const char *directory, const char *name, struct error *err)
{
	char path[CGROUP_DIRECTORY_MAX + 32];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && !cgroup_is_gone(errno))
		return error_set(err, errno, "cannot open '%s'", path), -2;
	return fd;
}

static int open_v1(const char *path, struct cgroup_oom *oom, struct error *err)
{
	auto_close int control = open_file(path, "memory.oom_control", err);
	auto_close int directory = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	auto_close int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	char line[32];

	if (control < 0 || directory < 0)
		return control < -1 ? -1 : 0;
	if (fd < 0)
		return error_set(err, errno, "cannot make an eventfd");
	(void)snprintf(line, sizeof(line), "%d %d", fd, control);
	if (file_write(directory, "cgroup.event_control", line, err) < 0)
		return error_prefix(err, "cgroup '%s'", path);
	oom->fd = take_fd(&fd);
	oom->events = POLLIN;
	oom->directory = take_fd(&directory);
	return 0;
}

/* -1 and errno once the cgroup is gone. */
static int read_kills(int fd, uint64_t *kills)
{
	static const char key[] = "\noom_kill ";
	char lines[512] = "\n", *at;
	ssize_t length = pread(fd, lines + 1, sizeof(lines) - 2, 0);

	if (length < 0)
		return -1;
	lines[1 + length] = '\0';
	at = strstr(lines, key);
	if (at == NULL)
		return 0;
	at += sizeof(key) - 1;
	at[strcspn(at, "\n")] = '\0';
	(void)parse_uint(at, UINT64_MAX, kills);
	return 0;
}

static int open_v2(const char *path, struct cgroup_oom *oom, struct error *err)
{
	auto_close int fd = open_file(path, "memory.events", err);

	/* Reading arms the next POLLPRI: nothing is lost between the two. */
	if (fd < 0 || read_kills(fd, &oom->kills) < 0)
		return fd < -1 ? -1 : 0;
	oom->fd = take_fd(&fd);
	oom->events = POLLPRI;
	return 0;
}

int cgroup_oom_open(const struct cgroup *cgroup, struct cgroup_oom *oom,
		    struct error *err)
{
	const struct cgroup_hierarchy *hierarchy = cgroup_v1_hierarchy(cgroup, "memory");
	char directory[CGROUP_DIRECTORY_MAX];

	if (hierarchy != NULL)
		return open_v1(cgroup_v1_directory(directory, cgroup, hierarchy), oom,
			       err);
	if (cgroup->unified_mount_point == NULL)
		return 0;
	return open_v2(
		cgroup_directory(directory, cgroup->unified_mount_point, cgroup->path),
		oom, err);
}

static bool happened_v1(struct cgroup_oom *oom)
{
	uint64_t count;

	if (read(oom->fd, &count, sizeof(count)) != sizeof(count))
		return false;
	if (faccessat(oom->directory, "memory.oom_control", F_OK, 0) == 0)
		return true;
	/* The removal is told as well, once. */
	(void)close(take_fd(&oom->fd));
	return count > 1;
}

static bool happened_v2(struct cgroup_oom *oom)
{
	uint64_t before = oom->kills;

	if (read_kills(oom->fd, &oom->kills) < 0)
		(void)close(take_fd(&oom->fd));
	return oom->kills > before;
}

bool cgroup_oom_happened(struct cgroup_oom *oom)
{
	if (oom->fd < 0)
		return false;
	return oom->events == POLLIN ? happened_v1(oom) : happened_v2(oom);
}

void cgroup_oom_release(struct cgroup_oom *oom)
{
	if (oom->fd >= 0)
		(void)close(take_fd(&oom->fd));
	if (oom->directory >= 0)
		(void)close(take_fd(&oom->directory));
}
