/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/vfs.h>

#include "base/error.h"
#include "base/file.h"
#include "base/filesystem.h"
#include "base/procfs.h"
#include "base/text.h"
#include "kernel/labels.h"
#include "oci/config.h"

static bool is_given(const char *text)
{
	return text != NULL && text[0] != '\0';
}

bool labels_have_apparmor(void)
{
	auto_text struct text enabled = { 0 };
	struct error ignored;

	return file_read(AT_FDCWD, "/sys/module/apparmor/parameters/enabled", 4096,
			 &enabled, &ignored) == 0 &&
	       enabled.length > 0 && enabled.data[0] == 'Y';
}

/* As libselinux: a kernel that has it, and a host that has loaded a policy. */
bool labels_have_selinux(void)
{
	struct statfs status;

	return statfs("/sys/fs/selinux", &status) == 0 &&
	       (uint32_t)status.f_type == SELINUX_MAGIC;
}

static int refuse(struct error *err, const char *where, const char *module)
{
	(void)error_set(err, 0, "%s is not enabled on this host", module);
	return error_at(err, "%s", where);
}

int labels_check(const struct config_process *process, struct error *err)
{
	if (is_given(process->apparmor_profile) && !labels_have_apparmor())
		return refuse(err, "process.apparmorProfile", "AppArmor");
	if (is_given(process->selinux_label) && !labels_have_selinux())
		return refuse(err, "process.selinuxLabel", "SELinux");
	return 0;
}

int labels_check_mounts(const struct config *config, struct error *err)
{
	const char *type;
	const char *label = config_mount_label(config, &type);

	if (strcmp(type, "context") != 0 && strcmp(type, "fscontext") != 0 &&
	    strcmp(type, "defcontext") != 0 && strcmp(type, "rootcontext") != 0) {
		error_set(err, 0,
			  "'%s' is none of context, fscontext, defcontext, rootcontext",
			  type);
		return error_at(err, "annotations[\"run.oci.mount_context_type\"]");
	}
	if (label == NULL)
		return 0;
	if (strlen(label) > FILESYSTEM_VALUE_MAX) {
		error_set(err, 0, "longer than %d bytes", FILESYSTEM_VALUE_MAX);
		return error_at(err, "linux.mountLabel");
	}
	return 0;
}

bool labels_ignore_mounts(const struct config *config, struct error *err)
{
	const char *type;

	if (config_mount_label(config, &type) == NULL || labels_have_selinux())
		return false;
	(void)error_set(err, 0, "ignored: SELinux is not enabled on this host");
	(void)error_at(err, "linux.mountLabel");
	return true;
}

const char *labels_of_mounts(const struct config *config, const char **type)
{
	const char *label = config_mount_label(config, type);

	return label != NULL && labels_have_selinux() ? label : NULL;
}

int labels_apply(const struct config_process *process, int procfd, struct error *err)
{
	auto_text struct text command = { 0 };

	if (is_given(process->selinux_label) &&
	    procfs_write_self(procfd, "attr/exec", process->selinux_label, err) < 0)
		return error_at(err, "process.selinuxLabel");
	if (!is_given(process->apparmor_profile))
		return 0;
	text_format(&command, "exec %s", process->apparmor_profile);
	if (procfs_write_self(procfd, "attr/apparmor/exec", command.data, err) == 0)
		return 0;
	if (err->code == ENOENT)
		(void)error_hint(err, "is the profile '%s' loaded?",
				 process->apparmor_profile);
	return error_at(err, "process.apparmorProfile");
}

static int set_keys(const struct config_process *process, int procfd, const char *label,
		    struct error *err)
{
	if (!is_given(process->selinux_label) ||
	    procfs_write_self(procfd, "attr/keycreate", label, err) == 0)
		return 0;
	return error_at(err, "process.selinuxLabel");
}

int labels_begin_keys(const struct config_process *process, int procfd, struct error *err)
{
	return set_keys(process, procfd, process->selinux_label, err);
}

int labels_end_keys(const struct config_process *process, int procfd, struct error *err)
{
	return set_keys(process, procfd, "", err);
}
