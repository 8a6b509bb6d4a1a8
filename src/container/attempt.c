/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/process.h"
#include "container/attempt.h"
#include "container/layers.h"
#include "container/systemd.h"

static int undo(struct attempt *attempt, struct error *err)
{
	if (attempt->pidfd >= 0) {
		(void)pidfd_send_signal(attempt->pidfd, SIGKILL, NULL, 0);
		(void)process_wait(attempt->pidfd);
	}
	if (attempt->cgroup_made) {
		if (cgroup_remove(&attempt->cgroup, err) < 0)
			return -1;
		systemd_stop(&attempt->record);
	}
	if (intel_rdt_remove(&attempt->record.rdt, err) < 0)
		return -1;
	if (layers_remove_all(&attempt->record, attempt->entryfd, err) < 0)
		return -1;
	return registry_remove(&attempt->registry, attempt->id, attempt->entryfd, err);
}

void attempt_release(struct attempt *attempt)
{
	struct error err;

	if (attempt->entryfd >= 0 && !attempt->kept && undo(attempt, &err) < 0)
		log_warning("cannot undo the creation of '%s', 'delete --force' can: %s",
			    attempt->id, err.text);
	if (attempt->pidfd >= 0)
		(void)close(attempt->pidfd);
	if (attempt->entryfd >= 0)
		(void)close(attempt->entryfd);
	if (attempt->registry.fd >= 0)
		(void)close(attempt->registry.fd);
}
