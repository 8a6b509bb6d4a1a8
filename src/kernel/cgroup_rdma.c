/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "kernel/cgroup_controller.h"
#include "kernel/cgroup_resources.h"
#include "oci/config.h"

/* linux.resources.rdma: handles and objects of an RDMA device, in one file on v1 and v2.
 * Documentation/admin-guide/cgroup-v1/rdma.rst. */

enum { NAME_MOST = 63 }; /* IB_DEVICE_NAME_MAX */

static int check_rule(const struct config_rdma *rdma, struct error *err)
{
	size_t length = strlen(rdma->key);

	if (length == 0 || length > NAME_MOST || rdma->key[0] == '.' ||
	    rdma->key[strcspn(rdma->key, "/ \t\n=")] != '\0')
		return error_set(err, 0, "'%.64s' is no name of an RDMA device",
				 rdma->key);
	if (rdma->hca_handles == NULL && rdma->hca_objects == NULL)
		return error_set(err, 0, "has neither 'hcaHandles' nor 'hcaObjects'");
	return 0;
}

static int place(const struct config_rdma *rdma, struct error *err)
{
	return error_at(err, "rdma[\"%s\"]", rdma->key);
}

int cgroup_rdma_rules(const struct config_resources *resources, struct error *err)
{
	for (size_t i = 0; i < resources->rdma_count; i++) {
		if (check_rule(&resources->rdma[i], err) < 0)
			return place(&resources->rdma[i], err);
	}
	return 0;
}

static int check_device(const char *name, struct error *err)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "/sys/class/infiniband/%.64s", name);
	return access(path, F_OK) == 0
		       ? 0
		       : error_set(err, 0, "this host has no RDMA device '%s'", name);
}

int cgroup_rdma_check(const struct cgroup *cgroup,
		      const struct config_resources *resources, struct error *err)
{
	for (size_t i = 0; i < resources->rdma_count; i++) {
		if (cgroup_controller_version(cgroup, "rdma", err) < 0 ||
		    check_device(resources->rdma[i].key, err) < 0)
			return place(&resources->rdma[i], err);
	}
	return 0;
}

int cgroup_rdma_apply(const struct cgroup *cgroup,
		      const struct config_resources *resources, struct error *err)
{
	char directory[CGROUP_DIRECTORY_MAX];

	if (resources->rdma_count > 0)
		(void)cgroup_controller_directory(cgroup, "rdma", directory);
	for (size_t i = 0; i < resources->rdma_count; i++) {
		const struct config_rdma *rdma = &resources->rdma[i];
		auto_text struct text value = { 0 };

		text_put(&value, rdma->key);
		if (rdma->hca_handles != NULL)
			text_format(&value, " hca_handle=%" PRIu64, *rdma->hca_handles);
		if (rdma->hca_objects != NULL)
			text_format(&value, " hca_object=%" PRIu64, *rdma->hca_objects);
		if (cgroup_setting_write(directory, "rdma.max", value.data, err) < 0)
			return place(rdma, err);
	}
	return 0;
}
