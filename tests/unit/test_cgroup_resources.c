/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>

#include "base/error.h"
#include "kernel/cgroup.h"
#include "kernel/cgroup_resources.h"
#include "oci/config.h"

#include "check.h"

static const int64_t minus_one = -1, minus_two = -2, zero = 0, one = 1, two = 2,
		     mebi = 1 << 20;
static const int64_t two_mebi = 2 << 20, small_quota = 999, quota = 50000;
static const uint64_t u101 = 101, u60 = 60, u999 = 999, u1000001 = 1000001,
		      u60000 = 60000;

static void test_weight_of_shares(void)
{
	/* What runc 1.4 makes of them, and the ends. */
	static const uint64_t cases[][2] = {
		{ 0, 1 },
		{ 1, 1 },
		{ 2, 1 },
		{ 3, 2 },
		{ 100, 17 },
		{ 1023, 100 },
		{ 1024, 100 },
		{ 1025, 101 },
		{ 2048, 174 },
		{ 102400, 4429 },
		{ 262143, 10000 },
		{ 262144, 10000 },
		{ UINT64_MAX, 10000 },
	};
	uint64_t before = 0;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t weight = cgroup_weight_of_shares(cases[i][0]);

		if (weight != cases[i][1])
			printf("# %lu: %lu\n", (unsigned long)cases[i][0],
			       (unsigned long)weight);
		CHECK(weight == cases[i][1]);
	}
	for (uint64_t shares = 0; shares < 262200; shares++) {
		uint64_t weight = cgroup_weight_of_shares(shares);

		CHECK(weight >= before && weight >= 1 && weight <= 10000);
		before = weight;
	}
}

static void test_values(void)
{
	char buffer[CGROUP_VALUE_MAX];
	struct config_pids pids = { .limit = &zero };
	struct config_memory memory = { .limit = &mebi };
	struct config_cpu cpu = { .cpus = "", .mems = "0-1", .idle = &zero };
	struct config_resources all = { .memory = &memory, .cpu = &cpu, .pids = &pids };

	CHECK_TEXT(cgroup_value_pids(&all, buffer), "1");
	pids.limit = &minus_one;
	CHECK_TEXT(cgroup_value_pids(&all, buffer), "max");
	pids.limit = &two;
	CHECK_TEXT(cgroup_value_pids(&all, buffer), "2");
	CHECK_TEXT(cgroup_value_limit(&all, buffer), "1048576");
	CHECK(cgroup_value_reservation(&all, buffer) == NULL);
	memory.limit = &zero;
	CHECK(cgroup_value_limit(&all, buffer) == NULL);
	CHECK(cgroup_value_cpus(&all, buffer) == NULL);
	CHECK_TEXT(cgroup_value_mems(&all, buffer), "0-1");
	CHECK_TEXT(cgroup_value_idle(&all, buffer), "0");
	CHECK_TEXT(cgroup_value_max(buffer, -1), "max");
	CHECK_TEXT(cgroup_value_max(buffer, 5), "5");
}

/* The text that a row of a v1 table makes. */
static const char *v1(const struct cgroup_row *row, const char *member,
		      const struct config_resources *resources, char *buffer)
{
	const char *value;

	while (strcmp(row->member, member) != 0)
		row++;
	value = row->value(resources, buffer);
	return value == NULL ? "nothing" : value;
}

static void test_values_of_v1(void)
{
	char buffer[CGROUP_VALUE_MAX];
	uint64_t shares = 300000;
	struct config_memory memory = { .limit = &minus_one };
	struct config_cpu cpu = { .shares = &shares, .quota = &minus_two };
	struct config_resources all = { .memory = &memory, .cpu = &cpu };

	CHECK_TEXT(v1(cgroup_rows_memory_v1, "memory.swap", &all, buffer), "-1");
	memory.limit = &mebi;
	CHECK_TEXT(v1(cgroup_rows_memory_v1, "memory.swap", &all, buffer), "nothing");
	memory.swap = &two_mebi;
	CHECK_TEXT(v1(cgroup_rows_memory_v1, "memory.swap", &all, buffer), "2097152");
	CHECK_TEXT(v1(cgroup_rows_cpu_v1, "cpu.shares", &all, buffer), "262144");
	CHECK_TEXT(v1(cgroup_rows_cpu_v1, "cpu.quota", &all, buffer), "-1");
	cpu.idle = &one;
	CHECK_TEXT(v1(cgroup_rows_cpu_v1, "cpu.shares", &all, buffer), "nothing");
	CHECK_TEXT(v1(cgroup_rows_cpu_v1, "cpu.realtimePeriod", &all, buffer), "nothing");
	cpu.realtime_period = &u1000001;
	cpu.realtime_runtime = &minus_one;
	CHECK_TEXT(v1(cgroup_rows_cpu_v1, "cpu.realtimePeriod", &all, buffer), "1000001");
	CHECK_TEXT(v1(cgroup_rows_cpu_v1, "cpu.realtimeRuntime", &all, buffer), "-1");
}

static void test_blkio_weight(void)
{
	CHECK(cgroup_blkio_weight(10) == 1);
	CHECK(cgroup_blkio_weight(11) == 11);
	CHECK(cgroup_blkio_weight(100) == 910);
	CHECK(cgroup_blkio_weight(500) == 4950);
	CHECK(cgroup_blkio_weight(1000) == 10000);
}

static void test_hugetlb_size(void)
{
	static const char *const cases[][2] = {
		{ "hugepages-64kB", "64KB" },     { "hugepages-1023kB", "1023KB" },
		{ "hugepages-2048kB", "2MB" },    { "hugepages-524288kB", "512MB" },
		{ "hugepages-1048576kB", "1GB" }, { "hugepages-16777216kB", "16GB" },
	};
	static const char *const bad[] = {
		"",
		".",
		"..",
		"hugepages-",
		"hugepages-kB",
		"hugepages-2048",
		"hugepages-2048MB",
		"hugepages-x2kB",
		"hugepages--2048kB",
		"hugepages-0kB",
		"pages-2048kB",
	};
	char size[CGROUP_VALUE_MAX];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CHECK(cgroup_hugetlb_size(cases[i][0], size));
		CHECK_TEXT(size, cases[i][1]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(!cgroup_hugetlb_size(bad[i], size));
}

static char told[512];

static void tell(void *context, const char *member, const char *why)
{
	size_t used = strlen(context);

	(void)snprintf(told + used, sizeof(told) - used, "%s: %s;", member, why);
}

static const char *ignored(enum cgroup_layout layout,
			   const struct config_resources *resources)
{
	struct cgroup cgroup = { .layout = layout, .path = "/a" };

	told[0] = '\0';
	cgroup_ignored(&cgroup, resources, tell, told);
	return told;
}

static void test_what_is_ignored_is_told(void)
{
	static const bool yes = true, no = false;
	struct config_memory memory = { .kernel = &mebi,
					.kernel_tcp = &mebi,
					.use_hierarchy = &no };
	struct config_weight_device device = { .leaf_weight = 10 };
	struct config_block_io io = { .weight_device = &device,
				      .weight_device_count = 1 };
	struct config_network network = { .class_id = 1 };
	struct config_resources all = { .memory = &memory };

	CHECK_TEXT(ignored(CGROUP_LEGACY, &all),
		   "memory.kernel: the kernel counts it in memory.limit;"
		   "memory.kernelTCP: the kernel counts it in memory.limit;"
		   "memory.useHierarchy: what is below a cgroup always counts in it;");
	CHECK_TEXT(ignored(CGROUP_DISABLED, &all), "");
	CHECK_TEXT(ignored(CGROUP_UNIFIED, NULL), "");
	memory = (struct config_memory){ .kernel = &minus_one,
					 .kernel_tcp = &zero,
					 .use_hierarchy = &yes };
	CHECK_TEXT(ignored(CGROUP_UNIFIED, &all), "");
	all = (struct config_resources){ .block_io = &io, .network = &network };
	CHECK_TEXT(ignored(CGROUP_UNIFIED, &all),
		   "blockIO.leafWeight: no scheduler of this kernel has it;"
		   "network: cgroup v2 has no such controller;");
	CHECK_TEXT(ignored(CGROUP_HYBRID, &all),
		   "blockIO.leafWeight: no scheduler of this kernel has it;");
}

static void refuse_memory(const struct config_memory *memory, const char *where)
{
	struct config_resources resources = { .memory = memory };
	struct error err = { 0 };

	CHECK(cgroup_resources_rules(&resources, &err) == -1);
	CHECK_TEXT(err.where, where);
}

static void refuse_cpu(const struct config_cpu *cpu, const char *where)
{
	struct config_resources resources = { .cpu = cpu };
	struct error err = { 0 };

	CHECK(cgroup_resources_rules(&resources, &err) == -1);
	CHECK_TEXT(err.where, where);
}

static void test_rules_refuse(void)
{
	refuse_memory(&(struct config_memory){ .limit = &minus_two }, "memory.limit");
	refuse_memory(&(struct config_memory){ .reservation = &minus_two },
		      "memory.reservation");
	refuse_memory(&(struct config_memory){ .swap = &minus_two }, "memory.swap");
	refuse_memory(&(struct config_memory){ .swap = &mebi }, "memory.swap");
	refuse_memory(&(struct config_memory){ .limit = &two_mebi, .swap = &mebi },
		      "memory.swap");
	refuse_memory(&(struct config_memory){ .swappiness = &u101 },
		      "memory.swappiness");
	refuse_cpu(&(struct config_cpu){ .idle = &two }, "cpu.idle");
	refuse_cpu(&(struct config_cpu){ .idle = &minus_one }, "cpu.idle");
	refuse_cpu(&(struct config_cpu){ .realtime_runtime = &minus_two },
		   "cpu.realtimeRuntime");
	refuse_cpu(&(struct config_cpu){ .realtime_runtime = &mebi,
					 .realtime_period = &u60000 },
		   "cpu.realtimeRuntime");
	refuse_cpu(&(struct config_cpu){ .period = &u999 }, "cpu.period");
	refuse_cpu(&(struct config_cpu){ .period = &u1000001 }, "cpu.period");
	refuse_cpu(&(struct config_cpu){ .quota = &small_quota }, "cpu.quota");
	refuse_cpu(&(struct config_cpu){ .quota = &quota, .burst = &u60000 },
		   "cpu.burst");
}

static void test_rules_of_lists(void)
{
	static const char *const good[] = { "0", "0-3", "0-3,7", "1,1", "10-10" };
	static const char *const bad[] = { "a", "-1", "1-",  "3-1",   "1,,2",
					   ",", "1,", "0 1", "1-2-3", "9999999999" };
	struct error err = { 0 };

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct config_cpu cpu = { .cpus = good[i], .mems = good[i] };

		CHECK(cgroup_resources_rules(&(struct config_resources){ .cpu = &cpu },
					     &err) == 0);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		refuse_cpu(&(struct config_cpu){ .cpus = bad[i] }, "cpu.cpus");
		refuse_cpu(&(struct config_cpu){ .mems = bad[i] }, "cpu.mems");
	}
}

static void test_rules_accept(void)
{
	struct config_memory memory = { .limit = &mebi,
					.swap = &mebi,
					.swappiness = &u60 };
	struct config_memory unlimited = { .limit = &minus_one, .swap = &minus_one };
	struct config_cpu cpu = { .quota = &minus_one, .burst = &u60000 };
	struct error err = { 0 };

	CHECK(cgroup_resources_rules(&(struct config_resources){ 0 }, &err) == 0);
	CHECK(cgroup_resources_rules(
		      &(struct config_resources){ .memory = &memory, .cpu = &cpu },
		      &err) == 0);
	CHECK(cgroup_resources_rules(&(struct config_resources){ .memory = &unlimited },
				     &err) == 0);
}

/* A controller that no hierarchy has. */
static void test_missing_controller_is_named(void)
{
	struct config_memory memory = { .limit = &mebi };
	struct config_pids pids = { .limit = &two };
	struct cgroup cgroup = { .layout = CGROUP_LEGACY, .path = "/a" };
	struct error err = { 0 };

	CHECK(cgroup_check_resources(&cgroup,
				     &(struct config_resources){ .memory = &memory },
				     &err) == -1);
	CHECK_TEXT(err.where, "linux.resources.memory.limit");
	CHECK_TEXT(err.text,
		   "the memory controller is not available in '/sys/fs/cgroup'");
	err = (struct error){ 0 };
	CHECK(cgroup_check_resources(&cgroup, &(struct config_resources){ .pids = &pids },
				     &err) == -1);
	CHECK_TEXT(err.where, "linux.resources.pids.limit");
	memory.limit = &zero;
	CHECK(cgroup_check_resources(&cgroup,
				     &(struct config_resources){ .memory = &memory },
				     &err) == 0);
}

int main(void)
{
	RUN(test_weight_of_shares);
	RUN(test_values);
	RUN(test_values_of_v1);
	RUN(test_blkio_weight);
	RUN(test_hugetlb_size);
	RUN(test_what_is_ignored_is_told);
	RUN(test_rules_refuse);
	RUN(test_rules_of_lists);
	RUN(test_rules_accept);
	RUN(test_missing_controller_is_named);
	return check_done();
}
