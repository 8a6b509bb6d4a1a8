/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "kernel/cgroup.h"
#include "kernel/cgroup_controller.h"
#include "kernel/cgroup_resources.h"
#include "oci/config.h"

/*
 * linux.resources.network: the class and the priorities of what is sent. v1 alone has
 * it; on a unified host it is ignored, see cgroup_resources_ignored().
 * Documentation/admin-guide/cgroup-v1/net_cls.rst, net_prio.rst.
 */

static int check_name(const char *name, struct error *err)
{
	if (name[0] != '\0' && strlen(name) < IFNAMSIZ &&
	    name[strcspn(name, "/ \t\n")] == '\0')
		return 0;
	return error_set(err, 0, "'%.64s' is no name of an interface", name);
}

int cgroup_network_rules(const struct config_resources *resources, struct error *err)
{
	const struct config_network *network = resources->network;

	for (size_t i = 0; network != NULL && i < network->priorities_count; i++) {
		if (check_name(network->priorities[i].name, err) < 0)
			return error_at(err, "network.priorities[%zu].name", i);
	}
	return 0;
}

int cgroup_network_check(const struct cgroup *cgroup,
			 const struct config_resources *resources, struct error *err)
{
	const struct config_network *network = resources->network;

	if (network == NULL || cgroup->layout == CGROUP_UNIFIED)
		return 0;
	if (network->class_id > 0 &&
	    cgroup_controller_version(cgroup, "net_cls", err) < 0)
		return error_at(err, "network.classID");
	if (network->priorities_count > 0 &&
	    cgroup_controller_version(cgroup, "net_prio", err) < 0)
		return error_at(err, "network.priorities");
	return 0;
}

static int write_class(const struct cgroup *cgroup, const struct config_network *network,
		       struct error *err)
{
	char directory[CGROUP_DIRECTORY_MAX], value[CGROUP_VALUE_MAX];

	if (network->class_id == 0)
		return 0;
	(void)cgroup_controller_directory(cgroup, "net_cls", directory);
	(void)snprintf(value, sizeof(value), "%" PRIu64, network->class_id);
	if (cgroup_setting_write(directory, "net_cls.classid", value, err) < 0)
		return error_at(err, "network.classID");
	return 0;
}

int cgroup_network_apply(const struct cgroup *cgroup,
			 const struct config_resources *resources, struct error *err)
{
	const struct config_network *network = resources->network;
	char directory[CGROUP_DIRECTORY_MAX], value[CGROUP_VALUE_MAX];

	if (network == NULL || cgroup->layout == CGROUP_UNIFIED)
		return 0;
	if (write_class(cgroup, network, err) < 0)
		return -1;
	if (network->priorities_count > 0)
		(void)cgroup_controller_directory(cgroup, "net_prio", directory);
	for (size_t i = 0; i < network->priorities_count; i++) {
		(void)snprintf(value, sizeof(value), "%.16s %" PRIu64,
			       network->priorities[i].name,
			       network->priorities[i].priority);
		if (cgroup_setting_write(directory, "net_prio.ifpriomap", value, err) ==
		    0)
			continue;
		if (err->code == ENODEV)
			(void)error_hint(err, "this host has no such interface");
		return error_at(err, "network.priorities[%zu]", i);
	}
	return 0;
}
