/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/config_resources.h"
#include "oci/config.h"
#include "oci/layout.h"

/* linux.resources, innermost first: config-linux.md of the specification 1.3.0 is the
 * order within each table. */

static const struct field config_device_rule_fields[] = {
	BOOL(config_device_rule, allow, "allow"),
	OPT_STRING(config_device_rule, type, "type"),
	OPT_INT(config_device_rule, major, "major"),
	OPT_INT(config_device_rule, minor, "minor"),
	OPT_STRING(config_device_rule, access, "access"),
	END,
};
LAYOUT(config_device_rule);

static const struct field config_memory_fields[] = {
	OPT_INT(config_memory, limit, "limit"),
	OPT_INT(config_memory, reservation, "reservation"),
	OPT_INT(config_memory, swap, "swap"),
	OPT_INT(config_memory, kernel, "kernel"),
	OPT_INT(config_memory, kernel_tcp, "kernelTCP"),
	OPT_UINT(config_memory, swappiness, "swappiness"),
	OPT_BOOL(config_memory, disable_oom_killer, "disableOOMKiller"),
	OPT_BOOL(config_memory, use_hierarchy, "useHierarchy"),
	OPT_BOOL(config_memory, check_before_update, "checkBeforeUpdate"),
	END,
};
LAYOUT(config_memory);

static const struct field config_cpu_fields[] = {
	OPT_UINT(config_cpu, shares, "shares"),
	OPT_INT(config_cpu, quota, "quota"),
	OPT_UINT(config_cpu, burst, "burst"),
	OPT_UINT(config_cpu, period, "period"),
	OPT_INT(config_cpu, realtime_runtime, "realtimeRuntime"),
	OPT_UINT(config_cpu, realtime_period, "realtimePeriod"),
	OPT_STRING(config_cpu, cpus, "cpus"),
	OPT_STRING(config_cpu, mems, "mems"),
	OPT_INT(config_cpu, idle, "idle"),
	END,
};
LAYOUT(config_cpu);

static const struct field config_pids_fields[] = {
	OPT_INT(config_pids, limit, "limit"),
	END,
};
LAYOUT(config_pids);

/* 0 is "not set"; uint16 in the specification, 10 to 1000 by its words. */
#define WEIGHT_RANGE RANGE(0, UINT16_MAX)

static const struct field config_weight_device_fields[] = {
	INT(config_weight_device, major, "major"),
	INT(config_weight_device, minor, "minor"),
	OPT_UINT(config_weight_device, weight, "weight", WEIGHT_RANGE),
	OPT_UINT(config_weight_device, leaf_weight, "leafWeight", WEIGHT_RANGE),
	END,
};
LAYOUT(config_weight_device);

static const struct field config_throttle_device_fields[] = {
	INT(config_throttle_device, major, "major"),
	INT(config_throttle_device, minor, "minor"),
	UINT(config_throttle_device, rate, "rate"),
	END,
};
LAYOUT(config_throttle_device);

static const struct field config_block_io_fields[] = {
	OPT_UINT(config_block_io, weight, "weight", WEIGHT_RANGE),
	OPT_UINT(config_block_io, leaf_weight, "leafWeight", WEIGHT_RANGE),
	OPT_ARRAY(config_block_io, weight_device, "weightDevice", config_weight_device),
	OPT_ARRAY(config_block_io, throttle_read_bps_device, "throttleReadBpsDevice",
		  config_throttle_device),
	OPT_ARRAY(config_block_io, throttle_write_bps_device, "throttleWriteBpsDevice",
		  config_throttle_device),
	OPT_ARRAY(config_block_io, throttle_read_iops_device, "throttleReadIOPSDevice",
		  config_throttle_device),
	OPT_ARRAY(config_block_io, throttle_write_iops_device, "throttleWriteIOPSDevice",
		  config_throttle_device),
	END,
};
LAYOUT(config_block_io);

static const struct field config_hugepage_limit_fields[] = {
	STRING(config_hugepage_limit, page_size, "pageSize"),
	UINT(config_hugepage_limit, limit, "limit"),
	END,
};
LAYOUT(config_hugepage_limit);

static const struct field config_interface_priority_fields[] = {
	STRING(config_interface_priority, name, "name"),
	UINT(config_interface_priority, priority, "priority", RANGE(0, UINT32_MAX)),
	END,
};
LAYOUT(config_interface_priority);

static const struct field config_network_fields[] = {
	OPT_UINT(config_network, class_id, "classID", RANGE(0, UINT32_MAX)),
	OPT_ARRAY(config_network, priorities, "priorities", config_interface_priority),
	END,
};
LAYOUT(config_network);

static const struct field config_rdma_fields[] = {
	OPT_UINT(config_rdma, hca_handles, "hcaHandles", RANGE(0, UINT32_MAX)),
	OPT_UINT(config_rdma, hca_objects, "hcaObjects", RANGE(0, UINT32_MAX)),
	END,
};
LAYOUT(config_rdma);

static const struct field config_resources_fields[] = {
	OPT_ARRAY(config_resources, devices, "devices", config_device_rule),
	OPT_OBJECT(config_resources, memory, "memory", config_memory),
	OPT_OBJECT(config_resources, cpu, "cpu", config_cpu),
	OPT_OBJECT(config_resources, block_io, "blockIO", config_block_io),
	OPT_ARRAY(config_resources, hugepage_limits, "hugepageLimits",
		  config_hugepage_limit),
	OPT_OBJECT(config_resources, network, "network", config_network),
	OPT_OBJECT(config_resources, pids, "pids", config_pids),
	OPT_NAMED(config_resources, rdma, "rdma", config_rdma),
	OPT_MAP(config_resources, unified, "unified"),
	END,
};
LAYOUT_SHARED(config_resources);
