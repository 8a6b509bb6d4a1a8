/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/filesystem.h"
#include "base/names.h"
#include "base/parse.h"
#include "base/process.h"
#include "base/text.h"
#include "container/doctor_parts.h"
#include "kernel/id_maps.h"
#include "kernel/mounts_probe.h"
#include "kernel/namespaces.h"
#include "kernel/subordinate_ids.h"
#include "oci/config.h"

enum {
	/* What `spec` writes. */
	USUAL = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS |
		CLONE_NEWCGROUP,
	SETTING_MOST = 64,
};

static int do_nothing(const void *context, struct error *err)
{
	(void)context;
	(void)err;
	return 0;
}

/* The kernel is built with each of them or not. */
static void list_missing(struct text *missing)
{
	static const struct name files[] = {
		{ "mnt", CLONE_NEWNS },
		{ "pid", CLONE_NEWPID },
		{ "net", CLONE_NEWNET },
		{ "ipc", CLONE_NEWIPC },
		{ "uts", CLONE_NEWUTS },
		{ "cgroup", CLONE_NEWCGROUP },
		{ "user", CLONE_NEWUSER },
		{ "time", CLONE_NEWTIME },
		{ NULL, 0 },
	};

	for (const struct name *file = files; file->text != NULL; file++) {
		char path[64];

		(void)snprintf(path, sizeof(path), "/proc/self/ns/%s", file->text);
		if (faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
			text_format(missing, " %s",
				    name_text(namespaces_types(), file->value));
	}
}

static void add_namespaces(struct doctor *doctor)
{
	const struct doctor_trial trial = { USUAL, do_nothing, NULL };
	auto_text struct text missing = { 0 };
	struct error err;

	list_missing(&missing);
	if (doctor_try(&trial, &err) < 0)
		doctor_add_error(doctor, "namespaces", DOCTOR_ERROR, &err,
				 doctor_is_ordinary() || err.code != EPERM
					 ? NULL
					 : "it takes CAP_SYS_ADMIN");
	else if (missing.length > 0)
		doctor_add(doctor, "namespaces", DOCTOR_WARNING,
			   "use a kernel with CONFIG_NAMESPACES and what is below it",
			   "all that are usual, but the kernel lacks%s", missing.data);
	else
		doctor_add(doctor, "namespaces", DOCTOR_OK, NULL,
			   "mount, pid, network, ipc, uts, cgroup, user and time");
}

/* As create does: a procfs of the new pid namespace, a tmpfs, one of them read-only and
 * attached. */
static int try_mounts(const void *context, struct error *err)
{
	struct mount_attr read_only = { .attr_set = MOUNT_ATTR_RDONLY };
	auto_close int proc = filesystem_open("proc", err);
	auto_close int tmpfs = proc < 0 ? -1 : filesystem_open("tmpfs", err);
	auto_close int mount = -1;

	(void)context;
	if (tmpfs < 0)
		return -1;
	mount = filesystem_mount(proc, "proc", 0, err);
	if (mount < 0)
		return -1;
	(void)close(take_fd(&mount));
	mount = filesystem_mount(tmpfs, "tmpfs", 0, err);
	if (mount < 0)
		return -1;
	if (mount_setattr(mount, "", AT_EMPTY_PATH, &read_only, sizeof(read_only)) < 0)
		return error_set(err, errno, "cannot make a mount read-only");
	if (move_mount(mount, "", AT_FDCWD, "/dev", MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return error_set(err, errno, "cannot attach a mount");
	return 0;
}

static void add_mounts(struct doctor *doctor)
{
	const struct doctor_trial trial = { USUAL, try_mounts, NULL };
	struct error err;

	if (doctor_try(&trial, &err) == 0)
		doctor_add(doctor, "mounts", DOCTOR_OK, NULL, "proc and tmpfs");
	else
		doctor_add_error(
			doctor, "mounts", DOCTOR_ERROR, &err,
			doctor_is_ordinary()
				? "nothing may be mounted over parts of /proc; see also "
				  "kernel.apparmor_restrict_unprivileged_userns"
				: "it takes CAP_SYS_ADMIN, and a security module that "
				  "lets it");
}

static void add_id_mapping(struct doctor *doctor)
{
	auto_text struct text able = { 0 };
	auto_text struct text unable = { 0 };
	size_t count;
	const struct mounts_probe *probes = mounts_probe(&doctor->arena, &count);

	for (size_t i = 0; i < count; i++)
		text_format(probes[i].maps_ids ? &able : &unable, " %s", probes[i].type);
	/* Of what the caller may not try nothing can be said. */
	if (able.length > 0)
		doctor_add(doctor, "id-mapped-mounts", DOCTOR_OK, NULL, "on%s%s%s",
			   able.data, unable.length > 0 ? ", not on" : "",
			   unable.length > 0 ? unable.data : "");
	else if (unable.length > 0)
		doctor_add(doctor, "id-mapped-mounts", DOCTOR_WARNING,
			   "mount one that can, such as ext4 on Linux 5.12",
			   "none of the file systems that are mounted:%s", unable.data);
}

/* -1: the host has no such setting. */
static int64_t setting(const char *path)
{
	auto_text struct text text = { 0 };
	struct error ignored;
	int64_t value;

	if (file_read(AT_FDCWD, path, SETTING_MOST, &text, &ignored) < 0 ||
	    text.length == 0)
		return -1;
	text.data[strcspn(text.data, "\n")] = '\0';
	return parse_int(text.data, 0, INT64_MAX, &value) ? value : -1;
}

static void add_user_namespaces(struct doctor *doctor)
{
	const struct config_id_map uid = { .host_id = geteuid(), .size = 1 };
	const struct config_id_map gid = { .host_id = getegid(), .size = 1 };
	const struct id_maps maps = { &uid, &gid, 1, 1 };
	struct error err;
	auto_close int namespace = id_maps_namespace(&maps, &err);

	if (namespace >= 0)
		doctor_add(doctor, "user-namespaces", DOCTOR_OK, NULL,
			   "the caller may make them");
	else
		doctor_add_error(doctor, "user-namespaces",
				 doctor_is_ordinary() ? DOCTOR_ERROR : DOCTOR_WARNING,
				 &err, NULL);
}

/* Whether they keep the caller from anything, was tried. */
static void add_limits(struct doctor *doctor)
{
	static const char name[] = "user-namespace-limits";
	int64_t most = setting("/proc/sys/user/max_user_namespaces");
	char number[32];

	(void)snprintf(number, sizeof(number), "%" PRId64 " for each user", most);
	if (most < 0)
		(void)snprintf(number, sizeof(number), "none");
	if (most == 0)
		doctor_add(doctor, name, DOCTOR_OK,
			   "sysctl user.max_user_namespaces=15000", "%s", number);
	else if (setting("/proc/sys/kernel/unprivileged_userns_clone") == 0)
		doctor_add(doctor, name, DOCTOR_OK,
			   "sysctl kernel.unprivileged_userns_clone=1",
			   "%s, but ordinary users may make none", number);
	else if (setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") > 0)
		doctor_add(doctor, name, DOCTOR_OK,
			   "give minirun a profile with 'userns', or sysctl "
			   "kernel.apparmor_restrict_unprivileged_userns=0",
			   "%s, those of ordinary users restricted by AppArmor", number);
	else
		doctor_add(doctor, name, DOCTOR_OK, NULL, "%s", number);
}

static void add_newuidmap(struct doctor *doctor)
{
	const bool is_installed = process_find("newuidmap", &doctor->arena) != NULL &&
				  process_find("newgidmap", &doctor->arena) != NULL;
	auto_close int namespace = -1;
	struct id_maps maps;
	struct error err;

	if (!doctor_is_ordinary()) {
		doctor_add(doctor, "newuidmap", DOCTOR_OK, NULL, "%s",
			   is_installed ? "installed"
					: "not installed, and root does without");
		return;
	}
	if (!is_installed) {
		doctor_add(doctor, "newuidmap", DOCTOR_WARNING,
			   "install it (Debian: uidmap)",
			   "not installed, containers have the caller's own id alone");
		return;
	}
	subordinate_ids_maps(&maps, &doctor->arena);
	if (maps.uid_count == 1 || maps.gid_count == 1) {
		doctor_add(doctor, "newuidmap", DOCTOR_WARNING,
			   "usermod --add-subuids 100000-165535 "
			   "--add-subgids 100000-165535 USER",
			   "the caller has no range in /etc/subuid and /etc/subgid");
		return;
	}
	namespace = id_maps_namespace(&maps, &err);
	if (namespace < 0)
		doctor_add_error(doctor, "newuidmap", DOCTOR_WARNING, &err, NULL);
	else
		doctor_add(doctor, "newuidmap", DOCTOR_OK, NULL,
			   "%llu users and %llu groups more",
			   (unsigned long long)maps.uid[maps.uid_count - 1].container_id +
				   maps.uid[maps.uid_count - 1].size - 1,
			   (unsigned long long)maps.gid[maps.gid_count - 1].container_id +
				   maps.gid[maps.gid_count - 1].size - 1);
}

void doctor_namespaces(struct doctor *doctor)
{
	add_namespaces(doctor);
	add_mounts(doctor);
	add_id_mapping(doctor);
	add_user_namespaces(doctor);
	add_limits(doctor);
	add_newuidmap(doctor);
}
