/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stddef.h>

#include "kernel/cgroup.h"
#include "kernel/cgroup_resources.h"
#include "oci/config.h"

/* 0 and -1, no limit, are what there is anyway. */
static bool is_limit(const int64_t *member)
{
	return cgroup_value_int(member) > 0;
}

static void find_memory(const struct config_memory *memory, cgroup_tell *tell,
			void *context)
{
	static const char counted[] = "the kernel counts it in memory.limit";

	if (is_limit(memory->kernel))
		tell(context, "memory.kernel", counted);
	if (is_limit(memory->kernel_tcp))
		tell(context, "memory.kernelTCP", counted);
	/* Linux 5.11: there is no other way. */
	if (memory->use_hierarchy != NULL && !*memory->use_hierarchy)
		tell(context, "memory.useHierarchy",
		     "what is below a cgroup always counts in it");
}

/* blkio.leaf_weight went with the scheduler CFQ in Linux 5.0. */
static void find_leaf_weights(const struct config_block_io *io, cgroup_tell *tell,
			      void *context)
{
	bool is_given = io->leaf_weight > 0;

	for (size_t i = 0; i < io->weight_device_count; i++)
		is_given = is_given || io->weight_device[i].leaf_weight > 0;
	if (is_given)
		tell(context, "blockIO.leafWeight", "no scheduler of this kernel has it");
}

void cgroup_ignored(const struct cgroup *cgroup, const struct config_resources *resources,
		    cgroup_tell *tell, void *context)
{
	const struct config_network *network =
		resources == NULL ? NULL : resources->network;

	if (resources == NULL || cgroup->layout == CGROUP_DISABLED)
		return;
	if (resources->memory != NULL)
		find_memory(resources->memory, tell, context);
	if (resources->block_io != NULL)
		find_leaf_weights(resources->block_io, tell, context);
	if (network != NULL && cgroup->layout == CGROUP_UNIFIED &&
	    (network->class_id > 0 || network->priorities_count > 0))
		tell(context, "network", "cgroup v2 has no such controller");
}
