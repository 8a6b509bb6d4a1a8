/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "kernel/cgroup_resources.h"
#include "oci/config.h"

static int wrong(struct error *err, const char *member)
{
	return error_at(err, "%s", member);
}

/* Bytes, or -1 for no limit. */
static int check_bytes(const int64_t *bytes, const char *member, struct error *err)
{
	if (cgroup_value_int(bytes) >= -1)
		return 0;
	(void)error_set(err, 0, "%" PRId64 " is neither a size nor -1", *bytes);
	return wrong(err, member);
}

/* swap counts memory and swap together. */
static int check_swap(int64_t limit, int64_t swap, struct error *err)
{
	if (swap <= 0)
		return 0;
	if (limit == 0)
		(void)error_set(err, 0,
				"needs memory.limit beside it: it is the limit of "
				"memory and swap together");
	else if (limit > swap)
		(void)error_set(err, 0,
				"%" PRId64 " is below memory.limit, %" PRId64
				": it is the limit of memory and swap together",
				swap, limit);
	else
		return 0;
	return wrong(err, "memory.swap");
}

static int check_memory(const struct config_memory *memory, struct error *err)
{
	if (check_bytes(memory->limit, "memory.limit", err) < 0 ||
	    check_bytes(memory->reservation, "memory.reservation", err) < 0 ||
	    check_bytes(memory->swap, "memory.swap", err) < 0)
		return -1;
	if (cgroup_value_uint(memory->swappiness) > 100) {
		(void)error_set(err, 0, "%" PRIu64 " is not between 0 and 100",
				*memory->swappiness);
		return wrong(err, "memory.swappiness");
	}
	return check_swap(cgroup_value_int(memory->limit), cgroup_value_int(memory->swap),
			  err);
}

/* Reads a number of at most nine digits; NULL if there is none. */
static const char *list_number(const char *at, long *number)
{
	const char *start = at;

	for (*number = 0; *at >= '0' && *at <= '9' && at - start < 9; at++)
		*number = *number * 10 + (*at - '0');
	return at == start ? NULL : at;
}

/* "0-3,7", cpuset(7) "List format". */
static bool is_list(const char *at)
{
	long first, last;

	for (;; at++) {
		at = list_number(at, &first);
		if (at != NULL && *at == '-') {
			at = list_number(at + 1, &last);
			if (at == NULL || last < first)
				return false;
		}
		if (at == NULL || (*at != ',' && *at != '\0'))
			return false;
		if (*at == '\0')
			return true;
	}
}

static int check_list(const char *list, const char *member, struct error *err)
{
	if (list == NULL || list[0] == '\0' || is_list(list))
		return 0;
	(void)error_set(err, 0, "'%.64s' is not a list as \"0-3,7\"", list);
	return wrong(err, member);
}

/* Limits of the scheduler (kernel/sched/core.c): a period of 1 ms to 1 s, a quota from
 * 1 ms. 0 is "not set". */
static int check_bandwidth(const struct config_cpu *cpu, struct error *err)
{
	int64_t quota = cgroup_value_int(cpu->quota);
	uint64_t period = cgroup_value_uint(cpu->period),
		 burst = cgroup_value_uint(cpu->burst);

	if (period != 0 && (period < 1000 || period > 1000000)) {
		(void)error_set(err, 0, "%" PRIu64 " is not between 1000 and 1000000",
				period);
		return wrong(err, "cpu.period");
	}
	if (quota > 0 && quota < 1000) {
		(void)error_set(err, 0, "%" PRId64 " is below 1000", quota);
		return wrong(err, "cpu.quota");
	}
	if (burst > INT64_MAX || (quota > 0 && burst > (uint64_t)quota)) {
		(void)error_set(err, 0, "%" PRIu64 " is above cpu.quota", burst);
		return wrong(err, "cpu.burst");
	}
	return 0;
}

static int check_cpu(const struct config_cpu *cpu, struct error *err)
{
	int64_t idle = cgroup_value_int(cpu->idle);

	if (idle < 0 || idle > 1) {
		(void)error_set(err, 0, "%" PRId64 " is neither 0 nor 1", idle);
		return wrong(err, "cpu.idle");
	}
	if (check_bandwidth(cpu, err) < 0 || check_list(cpu->cpus, "cpu.cpus", err) < 0)
		return -1;
	return check_list(cpu->mems, "cpu.mems", err);
}

static int check_realtime(const struct config_cpu *cpu, struct error *err)
{
	int64_t runtime = cgroup_value_int(cpu->realtime_runtime);
	uint64_t period = cgroup_value_uint(cpu->realtime_period);

	if (runtime < -1) {
		(void)error_set(err, 0, "%" PRId64 " is neither a time nor -1", runtime);
		return wrong(err, "cpu.realtimeRuntime");
	}
	if (period > 0 && runtime > 0 && (uint64_t)runtime > period) {
		(void)error_set(err, 0, "%" PRId64 " is above cpu.realtimePeriod",
				runtime);
		return wrong(err, "cpu.realtimeRuntime");
	}
	return 0;
}

int cgroup_resources_rules(const struct config_resources *resources, struct error *err)
{
	static cgroup_rules *const features[] = {
		cgroup_blkio_rules,
		cgroup_network_rules,
		cgroup_rdma_rules,
		cgroup_unified_rules,
	};

	if (resources->memory != NULL && check_memory(resources->memory, err) < 0)
		return -1;
	if (resources->cpu != NULL && (check_cpu(resources->cpu, err) < 0 ||
				       check_realtime(resources->cpu, err) < 0))
		return -1;
	for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
		if (features[i](resources, err) < 0)
			return -1;
	}
	return 0;
}
