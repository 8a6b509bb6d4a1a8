/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/bitset.h"
#include "base/text.h"
#include "kernel/cgroup_stats_parts.h"
#include "oci/json_write.h"

enum { TICK = 1000 * 1000 * 1000 / 100 /* nanoseconds; USER_HZ is 100 everywhere */ };

static const struct cgroup_stats_row usage_total[] = {
	{ "usage", NULL, "total", STATS_UNLESS_ZERO, 0 },
	{ 0 },
};

static const struct cgroup_stats_row usage_modes[] = {
	{ "stat", "system", "kernel", STATS_ALWAYS, TICK },
	{ "stat", "user", "user", STATS_ALWAYS, TICK },
	{ 0 },
};

static const struct cgroup_stats_row throttling[] = {
	{ "stat", "nr_periods", "periods", STATS_UNLESS_ZERO, 0 },
	{ "stat", "nr_throttled", "throttledPeriods", STATS_UNLESS_ZERO, 0 },
	{ "stat", "throttled_time", "throttledTime", STATS_UNLESS_ZERO, 0 },
	{ 0 },
};

/* Around the two lists. */
static const struct cgroup_stats_row cpuset_exclusive[] = {
	{ "cpu_exclusive", NULL, "cpu_exclusive", STATS_ALWAYS, 0 },
	{ 0 },
};

static const struct cgroup_stats_row cpuset_flags[] = {
	{ "mem_hardwall", NULL, "mem_hardwall", STATS_ALWAYS, 0 },
	{ "mem_exclusive", NULL, "mem_exclusive", STATS_ALWAYS, 0 },
	{ "memory_migrate", NULL, "memory_migrate", STATS_ALWAYS, 0 },
	{ "memory_spread_page", NULL, "memory_spread_page", STATS_ALWAYS, 0 },
	{ "memory_spread_slab", NULL, "memory_spread_slab", STATS_ALWAYS, 0 },
	{ "memory_pressure", NULL, "memory_pressure", STATS_ALWAYS, 0 },
	{ "sched_load_balance", NULL, "sched_load_balance", STATS_ALWAYS, 0 },
	{ "sched_relax_domain_level", NULL, "sched_relax_domain_level", STATS_SIGNED, 0 },
	{ 0 },
};

static const struct cgroup_stats_row memory_cache[] = {
	{ "stat", "cache", "cache", STATS_UNLESS_ZERO, 0 },
	{ 0 },
};

static const struct cgroup_stats_row memory_entry[] = {
	{ "limit_in_bytes", NULL, "limit", STATS_ALWAYS, 0 },
	{ "usage_in_bytes", NULL, "usage", STATS_UNLESS_ZERO, 0 },
	{ "max_usage_in_bytes", NULL, "max", STATS_UNLESS_ZERO, 0 },
	{ "failcnt", NULL, "failcnt", STATS_ALWAYS, 0 },
	{ 0 },
};

static const struct cgroup_stats_row hugetlb_entry[] = {
	{ "usage_in_bytes", NULL, "usage", STATS_UNLESS_ZERO, 0 },
	{ "max_usage_in_bytes", NULL, "max", STATS_UNLESS_ZERO, 0 },
	{ "failcnt", NULL, "failcnt", STATS_ALWAYS, 0 },
	{ 0 },
};

static const struct cgroup_stats_row pids[] = {
	{ "current", NULL, "current", STATS_UNLESS_ZERO, 0 },
	{ "max", NULL, "limit", STATS_LIMIT, 0 },
	{ 0 },
};

/* Of each line behind the first `skipped`, the word in that column; with COLUMN_ALL each
 * word. */
enum { COLUMN_ALL = -1 };

static void put_column(struct cgroup_stats *stats, const char *name, const char *file,
		       int skipped, int column)
{
	struct cgroup_stats_list list = { .name = name };
	auto_text struct text text = { 0 };
	char *at = NULL;

	if (cgroup_stats_text(stats, file, &text))
		at = text.data;
	for (char *line, *word; (line = strsep(&at, "\n")) != NULL;) {
		if (skipped-- > 0)
			continue;
		for (int i = 0; (word = strsep(&line, " ")) != NULL; i++) {
			if (*word == '\0' || (column != COLUMN_ALL && i != column))
				continue;
			cgroup_stats_list_open(stats, &list);
			json_put_uint(stats->json, NULL,
				      cgroup_stats_number(stats, file, word));
		}
	}
	cgroup_stats_list_end(stats, &list);
}

void cgroup_stats_usage_v1(struct cgroup_stats *stats)
{
	json_open_object(stats->json, "usage");
	cgroup_stats_put_rows(stats, "cpuacct", usage_total);
	put_column(stats, "percpu", "cpuacct.usage_percpu", 0, COLUMN_ALL);
	/* "cpu user system" */
	put_column(stats, "percpu_kernel", "cpuacct.usage_all", 1, 2);
	put_column(stats, "percpu_user", "cpuacct.usage_all", 1, 1);
	cgroup_stats_put_rows(stats, "cpuacct", usage_modes);
	json_close_object(stats->json);
}

void cgroup_stats_throttling_v1(struct cgroup_stats *stats)
{
	cgroup_stats_put_object(stats, "throttling", "cpu", throttling);
}

/* "0-2,7" as 0, 1, 2, 7. */
static void put_set(struct cgroup_stats *stats, const char *name, const char *file)
{
	struct cgroup_stats_list list = { .name = name };
	auto_text struct text text = { 0 };
	struct bitset set = { 0 };

	if (!cgroup_stats_text(stats, file, &text) || text.length == 0)
		return;
	text.data[strcspn(text.data, "\n")] = '\0';
	if (!bitset_parse(&set, text.data))
		(void)cgroup_stats_number(stats, file, text.data);
	for (unsigned i = 0; i < BITSET_SIZE; i++) {
		if ((set.words[i / BITSET_WORD] >> i % BITSET_WORD & 1) == 0)
			continue;
		cgroup_stats_list_open(stats, &list);
		json_put_uint(stats->json, NULL, i);
	}
	cgroup_stats_list_end(stats, &list);
}

void cgroup_stats_cpuset_v1(struct cgroup_stats *stats)
{
	put_set(stats, "cpus", "cpuset.cpus");
	cgroup_stats_put_rows(stats, "cpuset", cpuset_exclusive);
	put_set(stats, "mems", "cpuset.mems");
	cgroup_stats_put_rows(stats, "cpuset", cpuset_flags);
}

void cgroup_stats_memory_v1(struct cgroup_stats *stats)
{
	cgroup_stats_put_rows(stats, "memory", memory_cache);
	cgroup_stats_put_object(stats, "usage", "memory", memory_entry);
	cgroup_stats_put_object(stats, "swap", "memory.memsw", memory_entry);
	cgroup_stats_put_object(stats, "kernel", "memory.kmem", memory_entry);
	cgroup_stats_put_object(stats, "kernelTCP", "memory.kmem.tcp", memory_entry);
	cgroup_stats_put_map(stats, "raw", "memory.stat");
}

void cgroup_stats_pids_v1(struct cgroup_stats *stats)
{
	cgroup_stats_put_rows(stats, "pids", pids);
}

/* Before and behind the name: of the schedulers bfq and cfq, then of the throttling,
 * which is always there. Linux 5.3 took cfq away, and counts throttling in the cgroups
 * below. */
static const struct blkio_files {
	const char *prefix, *suffix;
} blkio_files[] = {
	{ "blkio.bfq.", "_recursive" },
	{ "blkio.", "_recursive" },
	{ "blkio.throttle.", "_recursive" },
	{ "blkio.throttle.", "" },
};

enum { BLKIO_FILES_COUNT = sizeof(blkio_files) / sizeof(blkio_files[0]) };

static bool blkio_text(struct cgroup_stats *stats, const struct blkio_files *files,
		       const char *name, struct text *text)
{
	char file[CGROUP_STATS_FILE_MAX];

	(void)snprintf(file, sizeof(file), "%s%s%s", files->prefix, name, files->suffix);
	return cgroup_stats_text(stats, file, text) && text->length > 0;
}

/* The first whose files know a device; those of no scheduler are empty, or not there. */
static const struct blkio_files *find_blkio(struct cgroup_stats *stats)
{
	for (size_t i = 0; i < BLKIO_FILES_COUNT; i++) {
		auto_text struct text text = { 0 };

		if (blkio_text(stats, &blkio_files[i], "io_serviced", &text) &&
		    strchr(text.data, ':') != NULL)
			return &blkio_files[i];
	}
	return NULL;
}

/* "8:0 Read 512", or "8:0 512"; not "Total 512". */
static void put_blkio_line(struct cgroup_stats *stats, struct cgroup_stats_list *list,
			   char *line)
{
	const char *device = strsep(&line, " ");
	const char *operation = NULL;

	if (strchr(device, ':') == NULL)
		return;
	if (line != NULL && strchr(line, ' ') != NULL)
		operation = strsep(&line, " ");
	cgroup_stats_put_device(
		stats, list, device, operation,
		cgroup_stats_number(stats, list->name, line == NULL ? "" : line));
}

static void put_blkio(struct cgroup_stats *stats, const struct blkio_files *files,
		      const char *name, const char *json_name)
{
	struct cgroup_stats_list list = { .name = json_name };
	auto_text struct text text = { 0 };
	char *at;

	if (!blkio_text(stats, files, name, &text))
		return;
	at = text.data;
	for (char *line; (line = strsep(&at, "\n")) != NULL;)
		put_blkio_line(stats, &list, line);
	cgroup_stats_list_end(stats, &list);
}

void cgroup_stats_blkio_v1(struct cgroup_stats *stats)
{
	static const struct {
		const char *name, *json_name;
	} rows[] = {
		{ "io_service_bytes", "ioServiceBytesRecursive" },
		{ "io_serviced", "ioServicedRecursive" },
		{ "io_queued", "ioQueueRecursive" },
		{ "io_service_time", "ioServiceTimeRecursive" },
		{ "io_wait_time", "ioWaitTimeRecursive" },
		{ "io_merged", "ioMergedRecursive" },
		{ "time", "ioTimeRecursive" },
		{ "sectors", "sectorsRecursive" },
	};
	const struct blkio_files *files = find_blkio(stats);

	for (size_t i = 0; files != NULL && i < sizeof(rows) / sizeof(rows[0]); i++)
		put_blkio(stats, files, rows[i].name, rows[i].json_name);
}

static void put_size(struct cgroup_stats *stats, const char *prefix, const char *reserved)
{
	(void)prefix;
	cgroup_stats_put_rows(stats, reserved, hugetlb_entry);
}

void cgroup_stats_hugetlb_v1(struct cgroup_stats *stats)
{
	cgroup_stats_put_sizes(stats, "usage_in_bytes", put_size);
}
