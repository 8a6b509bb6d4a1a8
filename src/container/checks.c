/* SPDX-License-Identifier: Apache-2.0 */
#include <sched.h>
#include <stddef.h>

#include "base/error.h"
#include "base/log.h"
#include "container/checks.h"
#include "container/filter.h"
#include "container/hooks.h"
#include "container/process.h"
#include "kernel/devices.h"
#include "kernel/hostname.h"
#include "kernel/intel_rdt.h"
#include "kernel/labels.h"
#include "kernel/memory_policy.h"
#include "kernel/mounts.h"
#include "kernel/namespaces.h"
#include "kernel/network_devices.h"
#include "kernel/paths.h"
#include "kernel/personality.h"
#include "kernel/rootfs.h"
#include "kernel/sysctl.h"
#include "oci/bundle.h"

static int check_process(const struct bundle *bundle, struct error *err)
{
	return process_check(bundle->config.process, err);
}

static int check_root(const struct bundle *bundle, struct error *err)
{
	const struct config_root *root = bundle->config.root;

	return root->overlay != NULL ? 0 : rootfs_check(root, bundle->path, err);
}

static int check_mounts(const struct bundle *bundle, struct error *err)
{
	return mounts_check(&bundle->config, bundle->path, err);
}

static int check_namespaces(const struct bundle *bundle, struct error *err)
{
	return namespaces_check(bundle->config.linux_, err);
}

static int check_devices(const struct bundle *bundle, struct error *err)
{
	return devices_check(bundle->config.linux_, err);
}

static int check_network_devices(const struct bundle *bundle, struct error *err)
{
	return network_devices_check(bundle->config.linux_, err);
}

static int check_paths(const struct bundle *bundle, struct error *err)
{
	return paths_check(bundle->config.linux_, err);
}

static int check_hostname(const struct bundle *bundle, struct error *err)
{
	return hostname_check(&bundle->config, err);
}

static int check_hooks(const struct bundle *bundle, struct error *err)
{
	return hooks_check(&bundle->config, err);
}

static int check_intel_rdt(const struct bundle *bundle, struct error *err)
{
	return intel_rdt_check(bundle->config.linux_->intel_rdt, err);
}

static int check_seccomp(const struct bundle *bundle, struct error *err)
{
	return filter_check(&bundle->config, err);
}

static int check_sysctl(const struct bundle *bundle, struct error *err)
{
	return sysctl_check(&bundle->config, err);
}

static int check_personality(const struct bundle *bundle, struct error *err)
{
	return personality_check(bundle->config.linux_, err);
}

static int check_memory_policy(const struct bundle *bundle, struct error *err)
{
	return memory_policy_check(bundle->config.linux_, err);
}

static int check_mount_label(const struct bundle *bundle, struct error *err)
{
	return labels_check_mounts(&bundle->config, err);
}

static int check_propagation(const struct bundle *bundle, struct error *err)
{
	return rootfs_check_propagation(bundle->config.linux_, err);
}

/* One row a feature. Nothing here depends on the order. */
static const struct check checks[] = {
	{ check_process, NULL },
	{ check_namespaces, NULL },
	{ check_root, NULL },
	{ check_mounts, NULL },
	{ check_devices, NULL },
	{ check_paths, NULL },
	{ check_hostname, "linux.namespaces" },
	{ check_seccomp, NULL },
	{ check_hooks, NULL },
	{ check_sysctl, "linux.namespaces" },
	{ check_personality, NULL },
	{ check_memory_policy, NULL },
	{ check_mount_label, NULL },
	{ check_propagation, NULL },
	{ check_network_devices, "linux.namespaces" },
	{ check_intel_rdt, NULL },
	{ NULL, NULL },
};

const struct check *checks_list(void)
{
	return checks;
}

int checks_run(const struct bundle *bundle, struct error *err)
{
	for (const struct check *check = checks; check->run != NULL; check++) {
		if (check->run(bundle, err) < 0)
			return -1;
	}
	if (labels_ignore_mounts(&bundle->config, err))
		log_warning("%s: %s", err->where, err->text);
	if ((namespaces_listed(bundle->config.linux_) & CLONE_NEWUSER) == 0)
		process_warn(bundle->config.process);
	return 0;
}
