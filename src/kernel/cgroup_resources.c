/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "kernel/cgroup.h"
#include "kernel/cgroup_controller.h"
#include "kernel/cgroup_files.h"
#include "kernel/cgroup_resources.h"
#include "oci/config.h"
#include "oci/json.h"

static const char *value_limit_v2(const struct config_resources *resources,
				  char buffer[CGROUP_VALUE_MAX])
{
	int64_t limit;

	if (resources->memory == NULL)
		return NULL;
	limit = cgroup_value_int(resources->memory->limit);
	return limit == 0 ? NULL : cgroup_value_max(buffer, limit);
}

static const char *value_reservation_v2(const struct config_resources *resources,
					char buffer[CGROUP_VALUE_MAX])
{
	int64_t reservation;

	if (resources->memory == NULL)
		return NULL;
	reservation = cgroup_value_int(resources->memory->reservation);
	return reservation == 0 ? NULL : cgroup_value_max(buffer, reservation);
}

/* The specification counts memory and swap together, v2 swap alone. */
static const char *value_swap_v2(const struct config_resources *resources,
				 char buffer[CGROUP_VALUE_MAX])
{
	int64_t limit, swap;

	if (resources->memory == NULL)
		return NULL;
	limit = cgroup_value_int(resources->memory->limit);
	swap = cgroup_value_int(resources->memory->swap);
	if (swap == 0)
		return limit == -1 ? "max" : NULL;
	return cgroup_value_max(buffer, swap < 0 || limit <= 0 ? swap : swap - limit);
}

/* An idle cgroup has the weight of idle, and refuses another (EINVAL). */
static const char *value_weight(const struct config_resources *resources,
				char buffer[CGROUP_VALUE_MAX])
{
	const struct config_cpu *cpu = resources->cpu;

	if (cpu == NULL || cgroup_value_uint(cpu->shares) == 0 ||
	    cgroup_value_int(cpu->idle) == 1)
		return NULL;
	return cgroup_value_number(buffer,
				   (int64_t)cgroup_weight_of_shares(*cpu->shares));
}

/* "QUOTA PERIOD" in one file; what is not given is as the kernel has it at first. */
static const char *value_bandwidth(const struct config_resources *resources,
				   char buffer[CGROUP_VALUE_MAX])
{
	char quota_text[CGROUP_VALUE_MAX];
	int64_t quota;
	uint64_t period;

	if (resources->cpu == NULL)
		return NULL;
	quota = cgroup_value_int(resources->cpu->quota);
	period = cgroup_value_uint(resources->cpu->period);
	if (quota == 0 && period == 0)
		return NULL;
	(void)snprintf(buffer, CGROUP_VALUE_MAX, "%.24s %" PRIu64,
		       cgroup_value_max(quota_text, quota <= 0 ? -1 : quota),
		       period == 0 ? 100000 : period);
	return buffer;
}

static const struct cgroup_row rows_memory[] = {
	{ "memory.swap", "memory.swap.max", value_swap_v2 },
	{ "memory.limit", "memory.max", value_limit_v2 },
	{ "memory.reservation", "memory.low", value_reservation_v2 },
	{ "memory.swappiness", NULL, cgroup_value_swappiness },
	{ "memory.disableOOMKiller", NULL, cgroup_value_disable_oom_killer },
	{ 0 },
};

static const struct cgroup_row rows_cpu[] = {
	{ "cpu.idle", "cpu.idle", cgroup_value_idle },
	{ "cpu.shares", "cpu.weight", value_weight },
	{ "cpu.quota", "cpu.max", value_bandwidth },
	{ "cpu.burst", "cpu.max.burst", cgroup_value_burst },
	{ "cpu.realtimePeriod", NULL, cgroup_value_realtime_period },
	{ "cpu.realtimeRuntime", NULL, cgroup_value_realtime_runtime },
	{ 0 },
};

static const struct cgroup_row rows_cpuset[] = {
	{ "cpu.cpus", "cpuset.cpus", cgroup_value_cpus },
	{ "cpu.mems", "cpuset.mems", cgroup_value_mems },
	{ 0 },
};

static const struct cgroup_row rows_pids[] = {
	{ "pids.limit", "pids.max", cgroup_value_pids },
	{ 0 },
};

static const struct controller {
	const char *name;
	const struct cgroup_row *v2, *v1;
} controllers[] = {
	{ "memory", rows_memory, cgroup_rows_memory_v1 },
	{ "cpu", rows_cpu, cgroup_rows_cpu_v1 },
	{ "cpuset", rows_cpuset, cgroup_rows_cpuset_v1 },
	{ "pids", rows_pids, rows_pids },
};

enum { CONTROLLERS = sizeof(controllers) / sizeof(controllers[0]) };

/* The first row that has something to write, or NULL. */
static const struct cgroup_row *first_given(const struct cgroup_row *row,
					    const struct config_resources *resources)
{
	char buffer[CGROUP_VALUE_MAX];

	while (row->member != NULL && row->value(resources, buffer) == NULL)
		row++;
	return row->member == NULL ? NULL : row;
}

static uint64_t read_number(const char *directory, const char *file)
{
	char text[CGROUP_VALUE_MAX];

	if (cgroup_file_read(directory, file, text, sizeof(text)) < 0)
		return 0;
	return strtoull(text, NULL, 10);
}

/* v1 refuses a limit below what is used (EBUSY); v2 kills, unless asked to look first. */
static int check_usage(const struct cgroup *cgroup,
		       const struct config_resources *resources, struct error *err)
{
	const struct config_memory *memory = resources->memory;
	char directory[CGROUP_DIRECTORY_MAX];
	int64_t limit;
	uint64_t usage;

	if (memory == NULL || memory->check_before_update == NULL ||
	    !*memory->check_before_update || cgroup_value_int(memory->limit) <= 0)
		return 0;
	limit = *memory->limit;
	(void)cgroup_directory(directory, cgroup->unified_mount_point, cgroup->path);
	usage = read_number(directory, "memory.current");
	if (usage <= (uint64_t)limit)
		return 0;
	(void)error_set(err, 0,
			"%" PRId64 " is below the %" PRIu64 " bytes that are used now",
			limit, usage);
	return error_at(err, "memory.limit");
}

static int check_controller(const struct cgroup *cgroup,
			    const struct controller *controller,
			    const struct config_resources *resources, struct error *err)
{
	const struct cgroup_row *given = first_given(controller->v1, resources);
	int version;

	if (given == NULL)
		return 0;
	version = cgroup_controller_version(cgroup, controller->name, err);
	if (version < 0)
		return error_at(err, "%s", given->member);
	if (version == 2 && controller->v2 == rows_memory &&
	    check_usage(cgroup, resources, err) < 0)
		return -1;
	for (given = controller->v2; version == 2 && given->member != NULL; given++) {
		char buffer[CGROUP_VALUE_MAX];

		if (given->file != NULL || given->value(resources, buffer) == NULL)
			continue;
		(void)error_set(err, 0, "cgroup v2 has no such setting");
		return error_at(err, "%s", given->member);
	}
	return 0;
}

static int write_failed(const char *directory, const struct cgroup_row *row,
			const char *value, struct error *err)
{
	(void)cgroup_setting_failed(directory, row->file, value, err);
	if (err->code == EBUSY && strncmp(row->file, "memory.", 7) == 0)
		(void)error_hint(err, "%" PRIu64 " bytes are used now",
				 read_number(directory, "memory.usage_in_bytes"));
	/* sched(7): what a parent has not, it cannot give; a new cgroup has none. */
	else if (err->code == EINVAL && strncmp(row->file, "cpu.rt_", 7) == 0)
		(void)error_hint(err, "has the parent cgroup that much?");
	return error_at(err, "%s", row->member);
}

/* No limit, or no swap at all, is what a kernel that does not account swap has anyway. */
static bool is_moot(const struct cgroup_row *row, const char *value)
{
	return errno == ENOENT && strcmp(row->member, "memory.swap") == 0 &&
	       (strcmp(value, "max") == 0 || strcmp(value, "-1") == 0 ||
		strcmp(value, "0") == 0);
}

/*
 * Some files bound each other: limit and swap, quota, period and burst. Which comes first
 * depends on what is there now; the wrong one gets EINVAL and is written again behind
 * the others.
 */
static int write_rows(const char *directory, const struct cgroup_row *rows,
		      const struct config_resources *resources, struct error *err)
{
	const struct cgroup_row *again[8];
	char buffer[CGROUP_VALUE_MAX];
	size_t count = 0;

	for (const struct cgroup_row *row = rows; row->member != NULL; row++) {
		const char *value =
			row->file == NULL ? NULL : row->value(resources, buffer);

		if (value == NULL ||
		    cgroup_file_write(directory, row->file, value) == 0 ||
		    is_moot(row, value))
			continue;
		if (errno != EINVAL)
			return write_failed(directory, row, value, err);
		again[count++] = row;
	}
	for (size_t i = 0; i < count; i++) {
		const char *value = again[i]->value(resources, buffer);

		if (cgroup_file_write(directory, again[i]->file, value) < 0)
			return write_failed(directory, again[i], value, err);
	}
	return 0;
}

static int apply_controller(const struct cgroup *cgroup,
			    const struct controller *controller,
			    const struct config_resources *resources, struct error *err)
{
	char directory[CGROUP_DIRECTORY_MAX];

	if (first_given(controller->v1, resources) == NULL)
		return 0;
	if (cgroup_controller_directory(cgroup, controller->name, directory) == 1)
		return write_rows(directory, controller->v1, resources, err);
	return write_rows(directory, controller->v2, resources, err);
}

/* What has lists of settings, each in a room of its own. `unified` is the last: it has
 * its way with what the others wrote. */
static const struct feature {
	cgroup_feature *check, *apply;
} features[] = {
	{ cgroup_blkio_check, cgroup_blkio_apply },
	{ cgroup_hugetlb_check, cgroup_hugetlb_apply },
	{ cgroup_network_check, cgroup_network_apply },
	{ cgroup_rdma_check, cgroup_rdma_apply },
	{ cgroup_unified_check, cgroup_unified_apply },
};

enum { FEATURES = sizeof(features) / sizeof(features[0]) };

int cgroup_resources_check(const struct cgroup *cgroup,
			   const struct config_resources *resources, struct error *err)
{
	if (cgroup_resources_rules(resources, err) < 0)
		return -1;
	for (size_t i = 0; i < CONTROLLERS; i++) {
		if (check_controller(cgroup, &controllers[i], resources, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < FEATURES; i++) {
		if (features[i].check(cgroup, resources, err) < 0)
			return -1;
	}
	return 0;
}

int cgroup_resources_apply(const struct cgroup *cgroup,
			   const struct config_resources *resources, struct error *err)
{
	for (size_t i = 0; i < CONTROLLERS; i++) {
		if (apply_controller(cgroup, &controllers[i], resources, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < FEATURES; i++) {
		if (features[i].apply(cgroup, resources, err) < 0)
			return -1;
	}
	return 0;
}

void cgroup_resources_tell(const struct config_resources *resources, cgroup_setting *tell,
			   void *context)
{
	char buffer[CGROUP_VALUE_MAX];

	for (size_t i = 0; i < CONTROLLERS; i++) {
		for (const struct cgroup_row *row = controllers[i].v2;
		     row->member != NULL; row++) {
			const char *value =
				row->file == NULL ? NULL : row->value(resources, buffer);

			if (value != NULL)
				tell(context, row->file, value);
		}
	}
	if (resources->block_io != NULL && resources->block_io->weight > 0)
		tell(context, "io.weight",
		     cgroup_value_number(buffer, (int64_t)cgroup_blkio_weight(
							 resources->block_io->weight)));
	if (resources->unified == NULL)
		return;
	json_foreach (file, resources->unified)
		tell(context, file->key, file->text);
}
