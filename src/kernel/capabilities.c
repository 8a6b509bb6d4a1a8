/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/capability.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/error.h"
#include "base/syscalls.h"
#include "base/text.h"
#include "kernel/capabilities.h"
#include "oci/config.h"

/* In the kernel's order: the index is the number. */
static const char *const names[] = {
	"CAP_CHOWN",
	"CAP_DAC_OVERRIDE",
	"CAP_DAC_READ_SEARCH",
	"CAP_FOWNER",
	"CAP_FSETID",
	"CAP_KILL",
	"CAP_SETGID",
	"CAP_SETUID",
	"CAP_SETPCAP",
	"CAP_LINUX_IMMUTABLE",
	"CAP_NET_BIND_SERVICE",
	"CAP_NET_BROADCAST",
	"CAP_NET_ADMIN",
	"CAP_NET_RAW",
	"CAP_IPC_LOCK",
	"CAP_IPC_OWNER",
	"CAP_SYS_MODULE",
	"CAP_SYS_RAWIO",
	"CAP_SYS_CHROOT",
	"CAP_SYS_PTRACE",
	"CAP_SYS_PACCT",
	"CAP_SYS_ADMIN",
	"CAP_SYS_BOOT",
	"CAP_SYS_NICE",
	"CAP_SYS_RESOURCE",
	"CAP_SYS_TIME",
	"CAP_SYS_TTY_CONFIG",
	"CAP_MKNOD",
	"CAP_LEASE",
	"CAP_AUDIT_WRITE",
	"CAP_AUDIT_CONTROL",
	"CAP_SETFCAP",
	"CAP_MAC_OVERRIDE",
	"CAP_MAC_ADMIN",
	"CAP_SYSLOG",
	"CAP_WAKE_ALARM",
	"CAP_BLOCK_SUSPEND",
	"CAP_AUDIT_READ",
	"CAP_PERFMON",
	"CAP_BPF",
	"CAP_CHECKPOINT_RESTORE",
	NULL,
};

enum { NAMES = sizeof(names) / sizeof(names[0]) - 1, MOST = 64 };

static const struct config_capabilities no_capabilities;

static const struct config_capabilities *asked_of(const struct config_process *process)
{
	return process->capabilities != NULL ? process->capabilities : &no_capabilities;
}

static int number_of(const char *text)
{
	for (int number = 0; number < NAMES; number++)
		if (strcmp(names[number], text) == 0)
			return number;
	return -1;
}

/* Names that check has refused are not in the set. */
static uint64_t set_of(char *const *list)
{
	uint64_t set = 0;

	for (; list != NULL && *list != NULL; list++) {
		int number = number_of(*list);

		if (number >= 0)
			set |= UINT64_C(1) << number;
	}
	return set;
}

static int check_names(const char *member, char *const *list, struct error *err)
{
	for (size_t i = 0; list != NULL && list[i] != NULL; i++) {
		if (number_of(list[i]) >= 0)
			continue;
		error_set(err, 0, "unknown capability '%s'", list[i]);
		return error_at(err, "process.capabilities.%s[%zu]", member, i);
	}
	return 0;
}

int capabilities_check(const struct config_process *process, struct error *err)
{
	const struct config_capabilities *asked = asked_of(process);
	uint64_t permitted = set_of(asked->permitted);

	if (check_names("bounding", asked->bounding, err) < 0 ||
	    check_names("effective", asked->effective, err) < 0 ||
	    check_names("inheritable", asked->inheritable, err) < 0 ||
	    check_names("permitted", asked->permitted, err) < 0 ||
	    check_names("ambient", asked->ambient, err) < 0)
		return -1;
	for (size_t i = 0; asked->effective != NULL && asked->effective[i] != NULL; i++) {
		if ((permitted >> number_of(asked->effective[i]) & 1) != 0)
			continue;
		error_set(err, 0, "'%s' is effective but not permitted",
			  asked->effective[i]);
		return error_at(err, "process.capabilities.effective[%zu]", i);
	}
	return 0;
}

/* The permitted set of the calling thread: the most that it can give. */
static int read_held(uint64_t *held)
{
	struct __user_cap_header_struct header = { .version =
							   _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	if (sys_capget(&header, data) < 0)
		return -1;
	*held = (uint64_t)data[1].permitted << 32 | data[0].permitted;
	return 0;
}

static uint64_t ambient_of(const struct config_capabilities *asked)
{
	return set_of(asked->ambient) & set_of(asked->permitted) &
	       set_of(asked->inheritable);
}

/* Inheritable ones must lie in the bounding set or be there already, capabilities(7)
 * "Programmatically adjusting capability sets". */
static uint64_t inheritable_of(const struct config_capabilities *asked)
{
	return set_of(asked->inheritable) & set_of(asked->bounding);
}

size_t capabilities_missing(const struct config_process *process, struct text *missing)
{
	const struct config_capabilities *asked = asked_of(process);
	uint64_t held = 0, all, lost;
	size_t count = 0;

	if (read_held(&held) < 0)
		return 0;
	all = set_of(asked->bounding) | set_of(asked->permitted) |
	      set_of(asked->inheritable);
	lost = (all & ~held) | (set_of(asked->inheritable) & ~inheritable_of(asked));
	for (int number = 0; number < NAMES; number++) {
		if ((lost >> number & 1) == 0)
			continue;
		text_put(missing, count++ != 0 ? ", " : "");
		text_put(missing, names[number]);
	}
	return count;
}

/* Up to the first number that the running kernel does not know, so that a capability
 * younger than this program is dropped too. */
static int drop_others(uint64_t keep, struct error *err)
{
	for (unsigned long number = 0; number < MOST; number++) {
		int set;

		if ((keep >> number & 1) != 0 ||
		    prctl(PR_CAPBSET_DROP, number, 0L, 0L, 0L) == 0)
			continue;
		if (errno == EINVAL)
			return 0;
		/* Without CAP_SETPCAP it is fine only if there is nothing to drop. */
		set = prctl(PR_CAPBSET_READ, number, 0L, 0L, 0L);
		if (set < 0)
			return 0;
		if (set > 0)
			return error_set(err, EPERM,
					 "cannot drop %s from the bounding set",
					 number < NAMES ? names[number] : "a capability");
	}
	return 0;
}

int capabilities_bound(const struct config_process *process, struct error *err)
{
	if (drop_others(set_of(asked_of(process)->bounding), err) < 0)
		return error_at(err, "process.capabilities.bounding");
	/* execve(2) takes it back; root loses nothing by staying root. */
	if (process->user == NULL || process->user->uid == 0)
		return 0;
	if (prctl(PR_SET_KEEPCAPS, 1L, 0L, 0L, 0L) < 0)
		return error_set(err, errno, "cannot keep capabilities");
	return 0;
}

static int set_capabilities(uint64_t effective, uint64_t permitted, uint64_t inheritable)
{
	struct __user_cap_header_struct header = { .version =
							   _LINUX_CAPABILITY_VERSION_3 };
	const struct __user_cap_data_struct data[2] = {
		{ .effective = (uint32_t)effective,
		  .permitted = (uint32_t)permitted,
		  .inheritable = (uint32_t)inheritable },
		{ .effective = (uint32_t)(effective >> 32),
		  .permitted = (uint32_t)(permitted >> 32),
		  .inheritable = (uint32_t)(inheritable >> 32) },
	};

	return sys_capset(&header, data);
}

/* capset(2) keeps ambient within the new permitted and inheritable sets: with
 * nothing inheritable there is nothing to clear. */
static int raise_ambient(uint64_t ambient, uint64_t inheritable, struct error *err)
{
	if (inheritable == 0)
		return 0;
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0L, 0L, 0L) < 0)
		return error_set(err, errno, "cannot clear the ambient capabilities");
	for (unsigned long number = 0; number < NAMES; number++) {
		if ((ambient >> number & 1) == 0 ||
		    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number, 0L, 0L) == 0)
			continue;
		error_set(err, errno, "cannot raise %s", names[number]);
		return error_at(err, "process.capabilities.ambient");
	}
	return 0;
}

int capabilities_apply(const struct config_process *process, struct error *err)
{
	const struct config_capabilities *asked = asked_of(process);
	uint64_t held, inheritable;

	if (read_held(&held) < 0)
		return error_set(err, errno, "cannot read our capabilities");
	inheritable = inheritable_of(asked) & held;
	if (set_capabilities(set_of(asked->effective) & held,
			     set_of(asked->permitted) & held, inheritable) < 0) {
		error_set(err, errno, "cannot set the capabilities");
		return error_at(err, "process.capabilities");
	}
	return raise_ambient(ambient_of(asked) & inheritable, inheritable, err);
}

const char *const *capabilities_names(void)
{
	return names;
}

bool capabilities_have(int capability)
{
	struct __user_cap_header_struct header = { .version =
							   _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	return sys_capget(&header, data) == 0 &&
	       (data[capability / 32].effective >> capability % 32 & 1) != 0;
}
