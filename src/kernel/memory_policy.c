/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/mempolicy.h>
#include <stddef.h>

#include "base/bitset.h"
#include "base/error.h"
#include "base/names.h"
#include "base/syscalls.h"
#include "kernel/memory_policy.h"
#include "oci/config.h"

enum { WEIGHTED_INTERLEAVE = 6 }; /* MPOL_WEIGHTED_INTERLEAVE, Linux 6.9 */

static const struct name modes[] = {
	{ "MPOL_BIND", MPOL_BIND },
	{ "MPOL_DEFAULT", MPOL_DEFAULT },
	{ "MPOL_INTERLEAVE", MPOL_INTERLEAVE },
	{ "MPOL_LOCAL", MPOL_LOCAL },
	{ "MPOL_PREFERRED", MPOL_PREFERRED },
	{ "MPOL_PREFERRED_MANY", MPOL_PREFERRED_MANY },
	{ "MPOL_WEIGHTED_INTERLEAVE", WEIGHTED_INTERLEAVE },
	{ NULL, 0 },
};

static const struct name flags[] = {
	{ "MPOL_F_NUMA_BALANCING", MPOL_F_NUMA_BALANCING },
	{ "MPOL_F_RELATIVE_NODES", MPOL_F_RELATIVE_NODES },
	{ "MPOL_F_STATIC_NODES", MPOL_F_STATIC_NODES },
	{ NULL, 0 },
};

const struct name *memory_policy_modes(void)
{
	return modes;
}

const struct name *memory_policy_flags(void)
{
	return flags;
}

static const char *nodes_of(const struct config_memory_policy *policy)
{
	return policy->nodes == NULL ? "" : policy->nodes;
}

static int check_nodes(const struct config_memory_policy *policy, int64_t mode,
		       struct error *err)
{
	struct bitset nodes;

	if (!bitset_parse(&nodes, nodes_of(policy)))
		error_set(err, 0, "'%.64s' is not a list as \"0-3,7\"", policy->nodes);
	else if ((mode == MPOL_DEFAULT || mode == MPOL_LOCAL) && !bitset_is_empty(&nodes))
		error_set(err, 0, "'%s' has no nodes", policy->mode);
	else if (mode != MPOL_DEFAULT && mode != MPOL_LOCAL && mode != MPOL_PREFERRED &&
		 bitset_is_empty(&nodes))
		error_set(err, 0, "'%s' needs at least one node", policy->mode);
	else
		return 0;
	return error_at(err, "linux.memoryPolicy.nodes");
}

int memory_policy_check(const struct config_linux *linux_, struct error *err)
{
	const struct config_memory_policy *policy = linux_->memory_policy;
	const struct name *mode;

	if (policy == NULL)
		return 0;
	mode = name_find(modes, policy->mode);
	if (mode == NULL) {
		error_set(err, 0, "unknown mode '%s'", policy->mode);
		return error_at(err, "linux.memoryPolicy.mode");
	}
	for (size_t i = 0; policy->flags != NULL && policy->flags[i] != NULL; i++) {
		if (name_find(flags, policy->flags[i]) != NULL)
			continue;
		error_set(err, 0, "unknown flag '%s'", policy->flags[i]);
		return error_at(err, "linux.memoryPolicy.flags[%zu]", i);
	}
	return check_nodes(policy, mode->value, err);
}

int memory_policy_apply(const struct config_linux *linux_, struct error *err)
{
	const struct config_memory_policy *policy = linux_->memory_policy;
	struct bitset nodes;
	int64_t mode;

	if (policy == NULL)
		return 0;
	mode = name_find(modes, policy->mode)->value;
	for (char **flag = policy->flags; flag != NULL && *flag != NULL; flag++)
		mode |= name_find(flags, *flag)->value;
	(void)bitset_parse(&nodes, nodes_of(policy));
	/* The kernel takes one bit less than it is told. */
	if (sys_set_mempolicy((int)mode, nodes.words, BITSET_SIZE + 1) == 0)
		return 0;
	error_set(err, errno, "cannot set the mode '%s'", policy->mode);
	if (err->code == EINVAL)
		error_hint(err,
			   "nodes of this host and of linux.resources.cpu.mems, flags "
			   "and a mode that go together, a kernel that knows them");
	return error_at(err, "linux.memoryPolicy");
}
