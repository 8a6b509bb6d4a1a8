/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "kernel/cgroup_resources.h"
#include "oci/config.h"

/* Documentation/admin-guide/cgroup-v1/memory.rst: memory and swap together, as the
 * specification counts. Unlimited memory with a limit left on both would be none. */
static const char *value_swap(const struct config_resources *resources,
			      char buffer[CGROUP_VALUE_MAX])
{
	int64_t limit, swap;

	if (resources->memory == NULL)
		return NULL;
	limit = cgroup_value_int(resources->memory->limit);
	swap = cgroup_value_int(resources->memory->swap);
	if (swap == 0 && limit != -1)
		return NULL;
	return cgroup_value_number(buffer, swap == 0 ? -1 : swap);
}

/* The kernel takes 2 to 262144 and bends the rest itself; see "cpu.shares" of v2 about
 * idle. */
static const char *value_shares(const struct config_resources *resources,
				char buffer[CGROUP_VALUE_MAX])
{
	const struct config_cpu *cpu = resources->cpu;

	if (cpu == NULL || cgroup_value_uint(cpu->shares) == 0 ||
	    cgroup_value_int(cpu->idle) == 1)
		return NULL;
	return cgroup_value_number(buffer, *cpu->shares > 262144 ? 262144
								 : (int64_t)*cpu->shares);
}

static const char *value_period(const struct config_resources *resources,
				char buffer[CGROUP_VALUE_MAX])
{
	if (resources->cpu == NULL || cgroup_value_uint(resources->cpu->period) == 0)
		return NULL;
	return cgroup_value_number(buffer, (int64_t)*resources->cpu->period);
}

static const char *value_quota(const struct config_resources *resources,
			       char buffer[CGROUP_VALUE_MAX])
{
	int64_t quota;

	if (resources->cpu == NULL || cgroup_value_int(resources->cpu->quota) == 0)
		return NULL;
	quota = *resources->cpu->quota;
	return cgroup_value_number(buffer, quota < 0 ? -1 : quota);
}

const struct cgroup_row cgroup_rows_memory_v1[] = {
	{ "memory.limit", "memory.limit_in_bytes", cgroup_value_limit },
	{ "memory.swap", "memory.memsw.limit_in_bytes", value_swap },
	{ "memory.reservation", "memory.soft_limit_in_bytes", cgroup_value_reservation },
	{ "memory.swappiness", "memory.swappiness", cgroup_value_swappiness },
	{ "memory.disableOOMKiller", "memory.oom_control",
	  cgroup_value_disable_oom_killer },
	{ 0 },
};

const struct cgroup_row cgroup_rows_cpu_v1[] = {
	{ "cpu.idle", "cpu.idle", cgroup_value_idle },
	{ "cpu.shares", "cpu.shares", value_shares },
	{ "cpu.period", "cpu.cfs_period_us", value_period },
	{ "cpu.quota", "cpu.cfs_quota_us", value_quota },
	{ "cpu.burst", "cpu.cfs_burst_us", cgroup_value_burst },
	{ "cpu.realtimePeriod", "cpu.rt_period_us", cgroup_value_realtime_period },
	{ "cpu.realtimeRuntime", "cpu.rt_runtime_us", cgroup_value_realtime_runtime },
	{ 0 },
};

const struct cgroup_row cgroup_rows_cpuset_v1[] = {
	{ "cpu.cpus", "cpuset.cpus", cgroup_value_cpus },
	{ "cpu.mems", "cpuset.mems", cgroup_value_mems },
	{ 0 },
};
