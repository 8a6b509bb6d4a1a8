/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "cli/foreground_run.h"
#include "cli/options.h"
#include "container/delete.h"
#include "container/foreground.h"
#include "container/launch.h"
#include "container/notify.h"
#include "container/registry.h"

static int delete_ended(const struct launch_request *request, struct error *err)
{
	struct registry registry;
	int result;

	if (registry_open(&registry, request->root, 0, err) < 0)
		return -1;
	result = delete_container(&registry, request->id, DELETE_FORCE, err);
	if (registry.fd >= 0)
		(void)close(registry.fd);
	return result;
}

int foreground_run(struct launch_request *request, const struct options *options,
		   bool *launched, struct error *err)
{
	auto_close int signalfd = -1;
	struct launched container;
	int status;

	request->deleted_at_end =
		!options_has(options, "detach") && !options_has(options, "keep");
	signalfd = foreground_open(err);
	if (signalfd < 0 || launch(request, &container, err) < 0)
		return -1;
	*launched = true;
	if (options_has(options, "detach")) {
		foreground_close();
		notify_wait(container.notify, container.pidfd, container.pid);
		return 0;
	}
	status = foreground_wait(&container, signalfd, err);
	if (status < 0 || !request->deleted_at_end)
		return status;
	return delete_ended(request, err) < 0 ? -1 : status;
}
