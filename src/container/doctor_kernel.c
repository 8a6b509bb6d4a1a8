/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/names.h"
#include "base/process.h"
#include "base/syscalls.h"
#include "base/text.h"
#include "container/doctor_parts.h"
#include "kernel/labels.h"
#include "kernel/seccomp.h"

enum { LEAST_MAJOR = 5, LEAST_MINOR = 14, LSM_MOST = 4096 };

static void add_version(struct doctor *doctor)
{
	struct utsname kernel = { 0 };
	int major = 0, minor = 0;

	(void)uname(&kernel);
	if (sscanf(kernel.release, "%d.%d", &major, &minor) == 2 &&
	    (major < LEAST_MAJOR || (major == LEAST_MAJOR && minor < LEAST_MINOR)))
		doctor_add(doctor, "kernel", DOCTOR_WARNING,
			   "use a kernel of 5.14 or later",
			   "%s %s, minirun is written for Linux 5.14", kernel.sysname,
			   kernel.release);
	else
		doctor_add(doctor, "kernel", DOCTOR_OK, NULL, "%s %s (%s)",
			   kernel.sysname, kernel.release, kernel.machine);
}

/* Each call with what it can do nothing with, or nothing bad: what counts is whether the
 * kernel knows it. */
static int try_clone3(void)
{
	int pidfd = -1;
	struct clone_args args = { .flags = CLONE_PIDFD | CLONE_CLEAR_SIGHAND,
				   .exit_signal = SIGCHLD,
				   .pidfd = (uint64_t)(uintptr_t)&pidfd };
	pid_t pid = sys_clone3(&args);

	if (pid == 0)
		_exit(0);
	if (pid < 0)
		return -1;
	(void)close(pidfd);
	process_reap(pid);
	return 0;
}

static int close_result(int fd)
{
	return fd < 0 ? -1 : close(fd);
}

static int try_pidfd_open(void)
{
	return close_result(pidfd_open(getpid(), 0));
}

static int try_pidfd_send_signal(void)
{
	auto_close int pidfd = pidfd_open(getpid(), 0);

	return pidfd < 0 ? 0 : pidfd_send_signal(pidfd, 0, NULL, 0);
}

static int try_pidfd_getfd(void)
{
	return pidfd_getfd(-1, 0, 0);
}

static int try_openat2(void)
{
	const struct open_how how = { .flags = O_PATH | O_CLOEXEC,
				      .resolve = RESOLVE_IN_ROOT };

	return close_result(sys_openat2(AT_FDCWD, "/", &how));
}

static int try_open_tree(void)
{
	return close_result(open_tree(AT_FDCWD, "/", OPEN_TREE_CLOEXEC));
}

static int try_move_mount(void)
{
	return move_mount(-1, "", -1, "", MOVE_MOUNT_F_EMPTY_PATH);
}

static int try_fsopen(void)
{
	return close_result(fsopen("tmpfs", FSOPEN_CLOEXEC));
}

static int try_fsconfig(void)
{
	return fsconfig(-1, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
}

static int try_fsmount(void)
{
	return fsmount(-1, FSMOUNT_CLOEXEC, 0);
}

static int try_mount_setattr(void)
{
	struct mount_attr attr = { 0 };

	return mount_setattr(-1, "", AT_EMPTY_PATH, &attr, sizeof(attr));
}

static int try_close_range(void)
{
	return close_range(UINT_MAX, UINT_MAX, 0);
}

static const struct interface {
	const char *name, *since;
	int (*try)(void);
	bool is_free; /* no privilege is asked for: EPERM is not the kernel's */
} interfaces[] = {
	{ "clone3", "5.3", try_clone3, true },
	{ "pidfd_open", "5.3", try_pidfd_open, true },
	{ "pidfd_send_signal", "5.1", try_pidfd_send_signal, true },
	{ "pidfd_getfd", "5.6", try_pidfd_getfd, false },
	{ "openat2", "5.6", try_openat2, true },
	{ "close_range", "5.9", try_close_range, true },
	{ "open_tree", "5.2", try_open_tree, true },
	{ "move_mount", "5.2", try_move_mount, false },
	{ "fsopen", "5.2", try_fsopen, false },
	{ "fsconfig", "5.2", try_fsconfig, false },
	{ "fsmount", "5.2", try_fsmount, false },
	{ "mount_setattr", "5.12", try_mount_setattr, false },
};

static void add_interface(struct doctor *doctor, const struct interface *interface)
{
	int code = interface->try() < 0 ? errno : 0;
	struct error err;

	if (code != ENOSYS && (code != EPERM || !interface->is_free)) {
		doctor_add(doctor, interface->name, DOCTOR_OK, NULL,
			   "there, as since Linux %s", interface->since);
		return;
	}
	(void)error_set(&err, code, "not there");
	doctor_add_error(doctor, interface->name, DOCTOR_ERROR, &err,
			 arena_format(&doctor->arena,
				      "Linux %s has it; a seccomp filter around minirun "
				      "may forbid it",
				      interface->since));
}

static void add_seccomp(struct doctor *doctor)
{
	const struct name *action = seccomp_words(SECCOMP_ACTIONS);
	auto_text struct text lacking = { 0 };
	auto_text struct text version = { 0 };

	if (action == NULL) {
		doctor_add(doctor, "seccomp", DOCTOR_WARNING,
			   "build it with libseccomp's headers installed",
			   "minirun was built without, profiles are refused");
		return;
	}
	seccomp_put_version(&version);
	for (; action->text != NULL; action++) {
		if (!seccomp_has_action(action))
			text_format(&lacking, " %s", action->text);
	}
	if (lacking.length > 0)
		doctor_add(doctor, "seccomp", DOCTOR_WARNING,
			   "use a kernel with CONFIG_SECCOMP_FILTER",
			   "the kernel lacks the actions%s", lacking.data);
	else
		doctor_add(doctor, "seccomp", DOCTOR_OK, NULL,
			   "all actions, libseccomp %s", version.data);
}

/* securityfs, which has the list, need not be mounted. */
static void add_modules(struct doctor *doctor)
{
	const char *apparmor = labels_have_apparmor() ? "enabled" : "not enabled";
	const char *selinux = labels_have_selinux() ? "enabled" : "not enabled";
	auto_text struct text list = { 0 };
	struct error ignored;

	if (file_read(AT_FDCWD, "/sys/kernel/security/lsm", LSM_MOST, &list, &ignored) ==
	    0)
		doctor_add(doctor, "lsm", DOCTOR_OK, NULL, "%s; AppArmor %s, SELinux %s",
			   list.data, apparmor, selinux);
	else
		doctor_add(doctor, "lsm", DOCTOR_OK, NULL, "AppArmor %s, SELinux %s",
			   apparmor, selinux);
}

void doctor_kernel(struct doctor *doctor)
{
	add_version(doctor);
	for (size_t i = 0; i < sizeof(interfaces) / sizeof(interfaces[0]); i++)
		add_interface(doctor, &interfaces[i]);
	add_seccomp(doctor);
	add_modules(doctor);
}
