/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/syscalls.h"
#include "kernel/credentials.h"
#include "oci/config.h"

enum { UMASK_MOST = 0777, UMASK_DEFAULT = 0022 };

/* Without process.user it is root without groups. */
static const struct config_user root_user;

/* 2^32-1 is "leave alone" to setresuid(2), not an id: taken for one, the container would
 * keep the caller's. */
static int check_id(int64_t id, struct error *err)
{
	if (id >= 0 && id < UINT32_MAX)
		return 0;
	return error_set(err, 0, "%" PRId64 " is not between 0 and 4294967294", id);
}

int credentials_check(const struct config_process *process, struct error *err)
{
	const struct config_user *user = process->user;

	if (user == NULL)
		return 0;
	if (check_id(user->uid, err) < 0)
		return error_at(err, "process.user.uid");
	if (check_id(user->gid, err) < 0)
		return error_at(err, "process.user.gid");
	for (size_t i = 0; i < user->additional_gids_count; i++)
		if (check_id(user->additional_gids[i], err) < 0)
			return error_at(err, "process.user.additionalGids[%zu]", i);
	if (user->umask != NULL && (*user->umask < 0 || *user->umask > UMASK_MOST)) {
		error_set(err, 0, "%" PRId64 " is not between 0 and 0777 (511)",
			  *user->umask);
		return error_at(err, "process.user.umask");
	}
	return 0;
}

/* user_namespaces(7): where it is denied to the whole namespace, as to that of an
 * ordinary user without newgidmap(1), and not for want of CAP_SETGID. */
static bool is_denied(int code)
{
	struct __user_cap_header_struct header = { .version =
							   _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	return code == EPERM && sys_capget(&header, data) == 0 &&
	       (data[0].effective >> CAP_SETGID & 1) != 0;
}

/* Also when there are none: the caller's groups are not for the container. */
static int apply_groups(const struct config_user *user, struct error *err)
{
	size_t count = user->additional_gids_count;
	auto_free gid_t *groups = calloc(count + 1, sizeof(*groups));

	if (groups == NULL)
		return error_set(err, ENOMEM, "cannot set %zu groups", count);
	for (size_t i = 0; i < count; i++)
		groups[i] = (gid_t)user->additional_gids[i];
	if (setgroups(count, groups) == 0)
		return 0;
	error_set(err, errno, "cannot set %zu groups", count);
	if (is_denied(err->code)) {
		/* The caller's groups have no ids in there, and none can be added. */
		if (count == 0)
			return 0;
		(void)error_hint(err, "it takes newgidmap and more than one group id");
	}
	return error_at(err, "process.user.additionalGids");
}

int credentials_apply(const struct config_process *process, enum credentials_flags flags,
		      struct error *err)
{
	const struct config_user *user =
		process->user != NULL ? process->user : &root_user;
	uid_t uid = (uid_t)user->uid;
	gid_t gid = (gid_t)user->gid;

	if ((flags & CREDENTIALS_KEEP_GROUPS) == 0 && apply_groups(user, err) < 0)
		return -1;
	/* The gid first: without root's uid it could not be set any more. */
	if (setresgid(gid, gid, gid) < 0) {
		error_set(err, errno, "cannot become gid %u", gid);
		return error_at(err, "process.user.gid");
	}
	/* EAGAIN: RLIMIT_NPROC of that user, setresuid(2). */
	if (setresuid(uid, uid, uid) < 0) {
		error_set(err, errno, "cannot become uid %u", uid);
		return error_at(err, "process.user.uid");
	}
	(void)umask(user->umask != NULL ? (mode_t)*user->umask : UMASK_DEFAULT);
	return 0;
}

int credentials_no_new_privileges(const struct config_process *process, struct error *err)
{
	if (!process->no_new_privileges)
		return 0;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) == 0)
		return 0;
	error_set(err, errno, "cannot set no_new_privs");
	return error_at(err, "process.noNewPrivileges");
}
