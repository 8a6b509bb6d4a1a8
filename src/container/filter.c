/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/pidfd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "container/filter.h"
#include "container/sync.h"
#include "kernel/capabilities.h"
#include "kernel/seccomp_cache.h"
#include "kernel/seccomp_notify.h"
#include "oci/annotations.h"
#include "oci/config.h"

bool filter_can_take(void)
{
	return capabilities_have(CAP_SYS_PTRACE);
}

/* With a notification for it, passing the listener would wait for the agent, which has no
 * listener yet. */
static int check_passing(const struct config_seccomp *seccomp, struct error *err)
{
	if (filter_can_take() || !seccomp_leaves(seccomp, "sendmsg"))
		return 0;
	error_set(err, 0,
		  "'sendmsg' cannot have 'SCMP_ACT_NOTIFY' for an ordinary user: the "
		  "listener is passed on by it");
	return error_at(err, "linux.seccomp");
}

int filter_check(const struct config *config, struct error *err)
{
	const struct config_seccomp *seccomp = config->linux_->seccomp;
	const char *fail_unknown =
		config_annotation(config, ANNOTATION_SECCOMP_FAIL_UNKNOWN);

	if (seccomp == NULL)
		return 0;
	if (seccomp_check(seccomp, err) < 0 || check_passing(seccomp, err) < 0)
		return -1;
	if (fail_unknown == NULL || strcmp(fail_unknown, "0") == 0)
		return 0;
	return seccomp_check_known(seccomp, NULL, err);
}

int filter_compile(int root, const struct config_seccomp *seccomp,
		   struct seccomp_program *program, struct error *err)
{
	auto_text struct text unknown = { 0 };
	struct error first;

	if (seccomp == NULL)
		return 0;
	if (log_has_level(LOG_DEBUG) &&
	    seccomp_check_known(seccomp, &unknown, &first) < 0)
		log_debug("seccomp: system calls that libseccomp does not know, "
			  "ignoring:%s",
			  unknown.data);
	return seccomp_cache_compile(root, seccomp, program, err);
}

int filter_hand_over(const struct filter_owner *owner, const struct sync_message *message,
		     struct error *err)
{
	auto_close int listener = message->fd >= 0
					  ? message->fd
					  : pidfd_getfd(owner->pidfd, message->number, 0);

	if (listener < 0)
		return error_set(err, errno,
				 "cannot take the seccomp listener of process %d",
				 owner->pid);
	if (seccomp_notify(owner->seccomp, &owner->state, owner->pid, listener, err) < 0)
		return -1;
	return sync_send_taken(owner->sync, err);
}
