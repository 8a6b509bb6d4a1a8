/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/process.h"
#include "base/syscalls.h"
#include "container/doctor_parts.h"
#include "kernel/id_maps.h"
#include "oci/config.h"

struct answer {
	int result;
	struct error err;
};

bool doctor_is_ordinary(void)
{
	return geteuid() != 0;
}

static void run(const struct doctor_trial *trial, struct answer *answer)
{
	/* clone(2) makes mounts that others of the host would see. */
	if ((trial->flags & CLONE_NEWNS) != 0 &&
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		answer->result =
			error_set(&answer->err, errno, "cannot make the mounts private");
	else
		answer->result = trial->run(trial->context, &answer->err);
}

/* In the child: joins the user namespace, and makes the others with a child of its own,
 * which is the first in its pid namespace. */
static _Noreturn void go_on(const struct doctor_trial *trial, int namespace, int answers)
{
	struct clone_args args = { .flags = (unsigned)trial->flags,
				   .exit_signal = SIGCHLD };
	struct answer answer = { .result = -1 };
	pid_t pid = -1;

	if (namespace >= 0 && setns(namespace, CLONE_NEWUSER) < 0)
		(void)error_set(&answer.err, errno, "cannot join a user namespace");
	else if ((pid = sys_clone3(&args)) < 0)
		(void)error_set(&answer.err, errno, "cannot make namespaces");
	if (pid == 0)
		run(trial, &answer);
	if (pid <= 0)
		_exit(file_write_full(answers, &answer, sizeof(answer)) < 0);
	process_reap(pid);
	_exit(0);
}

/* Like spec --rootless: the caller's own id as root. */
static int make_user_namespace(struct error *err)
{
	const struct config_id_map uid = { .host_id = geteuid(), .size = 1 };
	const struct config_id_map gid = { .host_id = getegid(), .size = 1 };
	const struct id_maps maps = { &uid, &gid, 1, 1 };

	return id_maps_namespace(&maps, err);
}

int doctor_try(const struct doctor_trial *trial, struct error *err)
{
	struct clone_args args = { .exit_signal = SIGCHLD };
	auto_close int namespace = -1, reader = -1, writer = -1;
	struct answer answer;
	int ends[2];
	ssize_t size;
	pid_t pid;

	if (doctor_is_ordinary()) {
		namespace = make_user_namespace(err);
		if (namespace < 0)
			return -1;
	}
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set(err, errno, "cannot make a pipe");
	reader = ends[0];
	writer = ends[1];
	pid = sys_clone3(&args);
	if (pid < 0)
		return error_set(err, errno, "cannot make a process");
	if (pid == 0)
		go_on(trial, namespace, writer);
	(void)close(take_fd(&writer));
	size = file_read_full(reader, &answer, sizeof(answer));
	process_reap(pid);
	if (size != sizeof(answer))
		return error_set(err, 0, "the child that tried it was killed");
	*err = answer.err;
	return answer.result;
}

const char *doctor_nearest(struct arena *arena, const char *path)
{
	char *nearest = arena_text(arena, path, strlen(path));
	struct stat status;

	while (stat(nearest, &status) < 0 || !S_ISDIR(status.st_mode)) {
		char *slash = strrchr(nearest, '/');

		if (slash == NULL || slash == nearest)
			return "/";
		*slash = '\0';
	}
	return nearest;
}
