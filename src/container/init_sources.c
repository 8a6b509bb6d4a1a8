/* SPDX-License-Identifier: Apache-2.0 */
#include <sched.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "container/init.h"
#include "container/launch.h"
#include "container/layers.h"
#include "container/notify.h"
#include "container/steps.h"
#include "kernel/mounts.h"
#include "kernel/namespaces.h"
#include "kernel/rootfs.h"
#include "oci/bundle.h"

static int open_notify(void *context, struct error *err)
{
	struct init *init = context;

	if (!init->process.notify)
		return 0;
	init->notify = notify_open(init->request->root, init->request->id, err);
	return init->notify < 0 ? -1 : 0;
}

static int open_mounts(void *context, struct error *err)
{
	struct init *init = context;
	const struct bundle *bundle = init->request->bundle;
	int user = namespaces_find(init->namespaces, CLONE_NEWUSER);

	init->mounts =
		mounts_open(&bundle->config, bundle->path, user, &init->arena, err);
	return init->mounts == NULL ? -1 : 0;
}

static int open_root(void *context, struct error *err)
{
	struct init *init = context;
	const struct bundle *bundle = init->request->bundle;

	if (init->layers != NULL)
		init->tree = layers_mount(init->layers, init->layers_request, err);
	else
		init->tree = rootfs_open(bundle->config.root, bundle->config.linux_,
					 bundle->path, err);
	return init->tree < 0 ? -1 : 0;
}

/* All of the host, before a byte of the root, and before the namespace is isolated: a
 * slave of the host's root has its master by then, or none. */
static const struct step source_steps[] = {
	{ "notify socket", open_notify },
	{ "mounts", open_mounts },
	{ "root", open_root },
	{ NULL, NULL },
};

int init_open(struct init *init, struct error *err)
{
	return steps_run(source_steps, init, err);
}

void init_close(struct init *init)
{
	int *const owned[] = { &init->notify, &init->tree };

	if (init->mounts != NULL)
		mounts_close(init->mounts);
	init->mounts = NULL;
	for (size_t i = 0; i < sizeof(owned) / sizeof(owned[0]); i++) {
		if (*owned[i] >= 0)
			(void)close(take_fd(owned[i]));
	}
}
