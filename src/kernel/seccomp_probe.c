/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>

#include "base/names.h"
#include "base/syscalls.h"
#include "base/text.h"
#include "kernel/seccomp.h"

/* SECCOMP_GET_ACTION_AVAIL, Linux 4.14. */
bool seccomp_has_action(const struct name *action)
{
	uint32_t value = (uint32_t)action->value;

	return sys_seccomp(SECCOMP_GET_ACTION_AVAIL, 0, &value) == 0;
}

/* A program that cannot be read is looked at after the flags: EFAULT says that they are
 * known, EINVAL that they are not, seccomp(2). */
bool seccomp_has_flag(const struct name *flag)
{
	unsigned bits = (unsigned)flag->value;

	/* The kernel wants a listener with it, as check_words() does. */
	if (bits == SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV)
		bits |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
	return sys_seccomp(SECCOMP_SET_MODE_FILTER, bits, NULL) < 0 && errno == EFAULT;
}

void seccomp_put_version(struct text *text)
{
	const struct scmp_version *version = seccomp_version();

	text_format(text, "%u.%u.%u", version->major, version->minor, version->micro);
}
