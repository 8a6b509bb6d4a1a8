/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/fds.h"
#include "base/file.h"
#include "base/parse.h"
#include "base/process.h"
#include "base/syscalls.h"
#include "base/text.h"
#include "kernel/id_maps.h"
#include "oci/config.h"

/* One of the two maps of a process. */
struct map {
	const struct config_id_map *ranges;
	size_t count;
	const char *file, *program; /* "uid_map", "newuidmap" */
	unsigned own;               /* the caller's id */
};

static int write_file(pid_t pid, const char *file, const char *text, struct error *err)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	return file_write(AT_FDCWD, path, text, err);
}

static int write_map(pid_t pid, const struct map *map, struct error *err)
{
	auto_text struct text text = { 0 };

	for (size_t i = 0; i < map->count; i++)
		text_format(&text, "%" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
			    map->ranges[i].container_id, map->ranges[i].host_id,
			    map->ranges[i].size);
	return write_file(pid, map->file, text.data, err);
}

/* The one map that the kernel lets anybody write. */
static bool is_own_id(const struct map *map)
{
	return map->count == 1 && map->ranges[0].size == 1 &&
	       map->ranges[0].host_id == map->own;
}

static int run_program(pid_t pid, const struct map *map, struct error *err)
{
	auto_arena struct arena arena = { 0 };
	char **arguments = arena_alloc(&arena, 3 + 3 * map->count, sizeof(*arguments));
	const char *program = process_find(map->program, &arena);
	size_t used = 0;
	int status;

	if (program == NULL) {
		(void)error_set(err, 0,
				"only '%s' may write these ids, and it is not in PATH",
				map->program);
		return error_hint(err, "install it (Debian: uidmap), or map your own id "
				       "alone");
	}
	arguments[used++] = arena_format(&arena, "%s", map->program);
	arguments[used++] = arena_format(&arena, "%d", pid);
	for (size_t i = 0; i < map->count; i++) {
		arguments[used++] =
			arena_format(&arena, "%" PRIu64, map->ranges[i].container_id);
		arguments[used++] =
			arena_format(&arena, "%" PRIu64, map->ranges[i].host_id);
		arguments[used++] = arena_format(&arena, "%" PRIu64, map->ranges[i].size);
	}
	status = process_run(program, arguments, NULL, err);
	if (status <= 0)
		return status;
	(void)error_set(err, 0, "'%s' does not give these ids", map->program);
	return error_hint(err, "see /etc/subuid and /etc/subgid");
}

static int apply_map(pid_t pid, const struct map *map, struct error *err)
{
	if (write_map(pid, map, err) == 0)
		return 0;
	if (err->code != EPERM)
		return -1;
	/* user_namespaces(7): Linux 5.12. */
	if (geteuid() == 0)
		return error_hint(err, "it takes CAP_SETUID and CAP_SETGID, for id 0 of "
				       "the host CAP_SETFCAP");
	return is_own_id(map) ? -1 : run_program(pid, map, err);
}

static int apply_maps(pid_t pid, const struct id_maps *maps, struct error *err)
{
	const struct map uid = { maps->uid, maps->uid_count, "uid_map", "newuidmap",
				 geteuid() };
	const struct map gid = { maps->gid, maps->gid_count, "gid_map", "newgidmap",
				 getegid() };

	/* user_namespaces(7): without a privilege the group map needs this first. */
	if (geteuid() != 0 && is_own_id(&gid) &&
	    write_file(pid, "setgroups", "deny", err) < 0)
		return -1;
	if (apply_map(pid, &uid, err) < 0)
		return error_at(err, "uidMappings");
	if (apply_map(pid, &gid, err) < 0)
		return error_at(err, "gidMappings");
	return 0;
}

static int explain(struct error *err)
{
	(void)error_set(err, errno, "cannot make a user namespace");
	if (err->code == EPERM || err->code == EACCES)
		return error_hint(err,
				  "see the settings kernel.unprivileged_userns_clone "
				  "and kernel.apparmor_restrict_unprivileged_userns");
	if (err->code == ENOSPC || err->code == EUSERS)
		return error_hint(err, "see the setting user.max_user_namespaces");
	return -1;
}

/*
 * newuidmap(1), and an ordinary user's write, look at who owns the process's files in
 * /proc: root, unless it is dumpable. For root it is not: the owner of a user namespace
 * has all capabilities in it, user_namespaces(7), and that is every root of the host's,
 * of a container without any capability as well, to which the holder would open our
 * memory, our descriptors and the host's root.
 */
static pid_t clone_holder(void)
{
	struct clone_args args = { .flags = CLONE_NEWUSER, .exit_signal = SIGCHLD };
	int dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
	pid_t pid;

	(void)prctl(PR_SET_DUMPABLE, geteuid() != 0, 0, 0, 0);
	pid = sys_clone3(&args);
	if (pid != 0)
		(void)prctl(PR_SET_DUMPABLE, dumpable, 0, 0, 0);
	return pid;
}

/* Gives the namespace away, with what /proc calls the process, which is another number
 * than ours where the caller is in a pid namespace that /proc is not of; and stays until
 * the caller hangs up. */
static _Noreturn void hold(int socket)
{
	int namespace = open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC);
	char name[16];
	ssize_t length = readlink("/proc/self", name, sizeof(name));

	if (namespace < 0 || length < 0 ||
	    fds_send(socket, name, (size_t)length, &namespace, 1) < 0)
		_exit(1);
	_exit(read(socket, name, 1) < 0);
}

/* The namespace; *pid: who holds it. */
static int hear_holder(int socket, pid_t *pid, struct error *err)
{
	auto_close int namespace = -1;
	char name[16] = "";
	size_t count = 1;
	int64_t number;

	if (fds_receive(socket, name, sizeof(name) - 1, &namespace, &count) <= 0 ||
	    count != 1 || !parse_int(name, 1, INT32_MAX, &number))
		return error_set(err, 0, "cannot read '/proc/self'");
	*pid = (pid_t)number;
	return take_fd(&namespace);
}

int id_maps_namespace(const struct id_maps *maps, struct error *err)
{
	auto_close int ours = -1, theirs = -1, namespace = -1;
	int ends[2];
	pid_t pid, seen = -1;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return error_set(err, errno, "cannot create a socket pair");
	ours = ends[0];
	theirs = ends[1];
	pid = clone_holder();
	if (pid < 0)
		return explain(err);
	if (pid == 0) {
		(void)close(ours);
		hold(theirs);
	}
	(void)close(take_fd(&theirs));
	namespace = hear_holder(ours, &seen, err);
	if (namespace >= 0 && apply_maps(seen, maps, err) < 0)
		(void)close(take_fd(&namespace));
	(void)close(take_fd(&ours));
	process_reap(pid);
	return take_fd(&namespace);
}

int id_maps_set(int tree, unsigned flags, int namespace, struct error *err)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP,
				   .userns_fd = (uint64_t) namespace };

	if (mount_setattr(tree, "", AT_EMPTY_PATH | flags, &attr, sizeof(attr)) == 0)
		return 0;
	(void)error_set(err, errno, "cannot map the ids of the mount");
	if (err->code == EINVAL)
		return error_hint(err, "its file system does not do it, see "
				       "mount_setattr(2)");
	if (err->code == EPERM)
		return error_hint(err,
				  "it takes the host's root, or a file system mounted "
				  "by the caller");
	return -1;
}
