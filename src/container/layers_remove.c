/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/syscalls.h"
#include "container/layers.h"
#include "kernel/id_maps.h"
#include "oci/bundle.h"

static bool is_denied(const struct error *err)
{
	return (err->code == EACCES || err->code == EPERM) && geteuid() != 0;
}

/* The user namespace of the container made anew; -1 also where it had none. */
static int make_namespace(int entryfd, struct error *err)
{
	auto_bundle struct bundle bundle = { .dirfd = -1 };
	const struct config_linux *linux_;
	struct id_maps maps;

	if (bundle_load_copy(&bundle, entryfd, "config.json", err) < 0)
		return -1;
	linux_ = bundle.config.linux_;
	maps = (struct id_maps){ linux_->uid_mappings, linux_->gid_mappings,
				 linux_->uid_mappings_count, linux_->gid_mappings_count };
	if (maps.uid_count == 0)
		return error_set(err, EPERM, "cannot remove what the container wrote");
	return id_maps_namespace(&maps, err);
}

/* 0 once it is gone. What it says is lost: the caller tries once more, and says that. */
static _Noreturn void remove_inside(const struct record *record, int namespace)
{
	struct error ignored;

	if (setns(namespace, CLONE_NEWUSER) < 0 || setresgid(0, 0, 0) < 0 ||
	    setresuid(0, 0, 0) < 0)
		_exit(1);
	_exit(layers_remove(record, &ignored) < 0);
}

int layers_remove_all(const struct record *record, int entryfd, struct error *err)
{
	struct clone_args args = { .exit_signal = SIGCHLD };
	auto_close int namespace = -1;
	struct error ignored;
	pid_t pid;

	if (layers_remove(record, err) == 0)
		return 0;
	if (!is_denied(err))
		return -1;
	namespace = make_namespace(entryfd, &ignored);
	if (namespace < 0)
		return -1;
	pid = sys_clone3(&args);
	if (pid == 0)
		remove_inside(record, namespace);
	if (pid < 0)
		return -1;
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	return layers_remove(record, err);
}
