/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cgroup_resources - linux.resources as files of the controllers.
 *
 * A controller has a table for v2 and one for v1; a row is a member, its file, and the
 * pure function that makes the text. Which table serves is decided for each controller by
 * itself: on a hybrid host it is v1 where that hierarchy is mounted. What has a list of
 * settings, or more than one file for one, is a feature with a room of its own.
 */

#include <stdbool.h>
#include <stdint.h>

struct cgroup;
struct config_resources;
struct error;

enum { CGROUP_VALUE_MAX = 64 };

/* What to write, in the buffer or of the configuration; NULL: the member is not given. */
typedef const char *cgroup_value(const struct config_resources *resources,
				 char buffer[CGROUP_VALUE_MAX]);

struct cgroup_row {
	const char *member; /* below linux.resources; NULL ends the table */
	const char *file;   /* NULL: this version has no such setting */
	cgroup_value *value;
};

/* cgroup_resources_v1.c */
extern const struct cgroup_row cgroup_rows_memory_v1[];
extern const struct cgroup_row cgroup_rows_cpu_v1[];
extern const struct cgroup_row cgroup_rows_cpuset_v1[];

/* cgroup_values.c: the functions that both versions use, and conversions. Pure. */
cgroup_value cgroup_value_limit, cgroup_value_reservation, cgroup_value_swappiness,
	cgroup_value_disable_oom_killer, cgroup_value_idle, cgroup_value_burst,
	cgroup_value_cpus, cgroup_value_mems, cgroup_value_pids,
	cgroup_value_realtime_period, cgroup_value_realtime_runtime;
const char *cgroup_value_number(char buffer[CGROUP_VALUE_MAX], int64_t value);
/* The same with "max" for -1. */
const char *cgroup_value_max(char buffer[CGROUP_VALUE_MAX], int64_t value);
/* A given member; absent and 0, which stands for "not set" everywhere, are 0. */
int64_t cgroup_value_int(const int64_t *member);
uint64_t cgroup_value_uint(const uint64_t *member);
/* cpu.shares, 2 to 262144, to cpu.weight, 1 to 10000; 1024 becomes 100. */
uint64_t cgroup_weight_of_shares(uint64_t shares);

/* err->where is below "linux.resources.". */
int cgroup_resources_check(const struct cgroup *cgroup,
			   const struct config_resources *resources, struct error *err);
int cgroup_resources_apply(const struct cgroup *cgroup,
			   const struct config_resources *resources, struct error *err);

/* Calls tell() with each file of v2 that has something to be written and its value, what
 * names a device apart; `unified` last, as it is written. Pure. */
typedef void cgroup_setting(void *context, const char *file, const char *value);
void cgroup_resources_tell(const struct config_resources *resources, cgroup_setting *tell,
			   void *context);

/* The ranges and the rules across members alone, in cgroup_rules.c. Pure. */
typedef int cgroup_rules(const struct config_resources *resources, struct error *err);
cgroup_rules cgroup_resources_rules;

/*
 * The features, in cgroup_blkio.c and so on: X_rules is pure, X_check looks at the host,
 * X_apply writes. Each does nothing when its member is not given.
 */
typedef int cgroup_feature(const struct cgroup *cgroup,
			   const struct config_resources *resources, struct error *err);
cgroup_rules cgroup_blkio_rules, cgroup_network_rules, cgroup_rdma_rules,
	cgroup_unified_rules;
cgroup_feature cgroup_blkio_check, cgroup_hugetlb_check, cgroup_network_check,
	cgroup_rdma_check, cgroup_unified_check;
cgroup_feature cgroup_blkio_apply, cgroup_hugetlb_apply, cgroup_network_apply,
	cgroup_rdma_apply, cgroup_unified_apply;

/* blockIO.weight, 10 to 1000, to io.weight, 1 to 10000. Pure. */
uint64_t cgroup_blkio_weight(uint64_t weight);
/* "hugepages-2048kB" to "2MB" as the files are called; false if it is no such name. Pure.
 */
bool cgroup_hugetlb_size(const char *name, char size[CGROUP_VALUE_MAX]);
