/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "kernel/cgroup_stats_parts.h"
#include "oci/json_write.h"

enum { MICROSECOND = 1000 /* nanoseconds */ };

static const struct cgroup_stats_row usage[] = {
	{ "stat", "usage_usec", "total", STATS_UNLESS_ZERO, MICROSECOND },
	{ "stat", "system_usec", "kernel", STATS_ALWAYS, MICROSECOND },
	{ "stat", "user_usec", "user", STATS_ALWAYS, MICROSECOND },
	{ 0 },
};

static const struct cgroup_stats_row throttling[] = {
	{ "stat", "nr_periods", "periods", STATS_UNLESS_ZERO, 0 },
	{ "stat", "nr_throttled", "throttledPeriods", STATS_UNLESS_ZERO, 0 },
	{ "stat", "throttled_usec", "throttledTime", STATS_UNLESS_ZERO, MICROSECOND },
	{ 0 },
};

static const struct cgroup_stats_row memory_cache[] = {
	{ "stat", "file", "cache", STATS_UNLESS_ZERO, 0 },
	{ 0 },
};

enum { ENTRY_LIMIT, ENTRY_USAGE, ENTRY_MAX };

static const struct cgroup_stats_row memory_entry[] = {
	[ENTRY_LIMIT] = { "max", NULL, "limit", STATS_ALWAYS, 0 },
	[ENTRY_USAGE] = { "current", NULL, "usage", STATS_UNLESS_ZERO, 0 },
	[ENTRY_MAX] = { "peak", NULL, "max", STATS_UNLESS_ZERO, 0 },
	{ NULL, NULL, "failcnt", STATS_ALWAYS, 0 },
	{ 0 },
};

static const struct cgroup_stats_row pids[] = {
	{ "current", NULL, "current", STATS_UNLESS_ZERO, 0 },
	{ "max", NULL, "limit", STATS_LIMIT, 0 },
	{ 0 },
};

static const struct cgroup_stats_row hugetlb_usage[] = {
	{ "current", NULL, "usage", STATS_UNLESS_ZERO, 0 },
	{ 0 },
};

static const struct cgroup_stats_row hugetlb_failures[] = {
	{ "events", "max", "failcnt", STATS_ALWAYS, 0 },
	{ 0 },
};

/* "1.25" is 125; the kernel writes two digits always. */
static uint64_t parse_hundredths(struct cgroup_stats *stats, const char *file,
				 const char *text)
{
	char digits[32];
	size_t whole = strcspn(text, ".");

	if (text[whole] == '\0' || strlen(text + whole) != 3 ||
	    whole > sizeof(digits) - 3)
		return cgroup_stats_number(stats, file, text) * 100;
	(void)snprintf(digits, sizeof(digits), "%.*s%s", (int)whole, text,
		       text + whole + 1);
	return cgroup_stats_number(stats, file, digits);
}

static const char *const pressure_keys[] = { "avg10", "avg60", "avg300", "total" };

enum { PRESSURE_TOTAL = 3, PRESSURE_COUNT };

/* "avg10=0.12 avg60=0.00 avg300=0.00 total=1234" */
static void parse_pressure(struct cgroup_stats *stats, const char *file, char *words,
			   uint64_t values[PRESSURE_COUNT])
{
	for (char *value; (value = strsep(&words, " ")) != NULL;) {
		const char *key = strsep(&value, "=");

		for (size_t i = 0; value != NULL && i < PRESSURE_COUNT; i++) {
			if (strcmp(key, pressure_keys[i]) != 0)
				continue;
			values[i] = i == PRESSURE_TOTAL
					    ? cgroup_stats_number(stats, file, value)
					    : parse_hundredths(stats, file, value);
		}
	}
}

static void put_pressure_line(struct cgroup_stats *stats, const char *file, char *line)
{
	static const uint64_t none[PRESSURE_COUNT];
	uint64_t values[PRESSURE_COUNT] = { 0 };
	const char *name = strsep(&line, " ");

	if (line == NULL || (strcmp(name, "some") != 0 && strcmp(name, "full") != 0))
		return;
	parse_pressure(stats, file, line, values);
	if (memcmp(values, none, sizeof(values)) == 0)
		return;
	json_open_object(stats->json, name);
	for (size_t i = 0; i < PRESSURE_TOTAL; i++)
		json_put_hundredths(stats->json, pressure_keys[i], values[i]);
	json_put_uint(stats->json, pressure_keys[PRESSURE_TOTAL], values[PRESSURE_TOTAL]);
	json_close_object(stats->json);
}

/* Pressure stall information: how long tasks waited. Not there with psi=0 or
 * cgroup.pressure off. */
static void put_pressure(struct cgroup_stats *stats, const char *file)
{
	auto_text struct text text = { 0 };
	char *at;

	if (!cgroup_stats_text(stats, file, &text))
		return;
	at = text.data;
	json_open_object(stats->json, "psi");
	for (char *line; (line = strsep(&at, "\n")) != NULL;)
		put_pressure_line(stats, file, line);
	json_close_object(stats->json);
}

void cgroup_stats_usage_v2(struct cgroup_stats *stats)
{
	cgroup_stats_put_object(stats, "usage", "cpu", usage);
}

void cgroup_stats_throttling_v2(struct cgroup_stats *stats)
{
	cgroup_stats_put_object(stats, "throttling", "cpu", throttling);
	put_pressure(stats, "cpu.pressure");
}

/* v1's is memory and swap together, v2's swap alone; of which the highest usage was,
 * cannot be told. */
static void put_swap(struct cgroup_stats *stats)
{
	uint64_t memory[CGROUP_STATS_ROWS_MAX], swap[CGROUP_STATS_ROWS_MAX];

	cgroup_stats_read(stats, "memory", memory_entry, memory);
	cgroup_stats_read(stats, "memory.swap", memory_entry, swap);
	swap[ENTRY_USAGE] += memory[ENTRY_USAGE];
	if (__builtin_add_overflow(swap[ENTRY_LIMIT], memory[ENTRY_LIMIT],
				   &swap[ENTRY_LIMIT]))
		swap[ENTRY_LIMIT] = UINT64_MAX;
	swap[ENTRY_MAX] = 0;
	cgroup_stats_put_values(stats, "swap", memory_entry, swap);
}

void cgroup_stats_memory_v2(struct cgroup_stats *stats)
{
	cgroup_stats_put_rows(stats, "memory", memory_cache);
	cgroup_stats_put_object(stats, "usage", "memory", memory_entry);
	put_swap(stats);
	cgroup_stats_put_map(stats, "raw", "memory.stat");
	put_pressure(stats, "memory.pressure");
}

/* Without the controller the processes are counted; in a threaded cgroup, its threads. */
static void put_count(struct cgroup_stats *stats)
{
	auto_text struct text text = { 0 };
	uint64_t count = 0;

	if (!cgroup_stats_text(stats, "cgroup.procs", &text))
		(void)cgroup_stats_text(stats, "cgroup.threads", &text);
	for (size_t i = 0; i < text.length; i++)
		count += text.data[i] == '\n';
	if (count > 0)
		json_put_uint(stats->json, "current", count);
}

void cgroup_stats_pids_v2(struct cgroup_stats *stats)
{
	auto_text struct text text = { 0 };

	if (cgroup_stats_text(stats, "pids.current", &text))
		cgroup_stats_put_rows(stats, "pids", pids);
	else
		put_count(stats);
}

/* Of "8:0 rbytes=512 wbytes=0 rios=1 wios=0" two values, under v1's names. */
static void put_io(struct cgroup_stats *stats, const char *name, const char *read_key,
		   const char *write_key)
{
	struct cgroup_stats_list list = { .name = name };
	auto_text struct text text = { 0 };
	char *at = NULL;

	if (cgroup_stats_text(stats, "io.stat", &text))
		at = text.data;
	for (char *line; (line = strsep(&at, "\n")) != NULL;) {
		const char *device = strsep(&line, " ");

		for (char *value; (value = strsep(&line, " ")) != NULL;) {
			const char *key = strsep(&value, "=");
			bool is_read = strcmp(key, read_key) == 0;

			if (value == NULL || (!is_read && strcmp(key, write_key) != 0))
				continue;
			cgroup_stats_put_device(
				stats, &list, device, is_read ? "Read" : "Write",
				cgroup_stats_number(stats, "io.stat", value));
		}
	}
	cgroup_stats_list_end(stats, &list);
}

void cgroup_stats_io_v2(struct cgroup_stats *stats)
{
	put_io(stats, "ioServiceBytesRecursive", "rbytes", "wbytes");
	put_io(stats, "ioServicedRecursive", "rios", "wios");
	put_pressure(stats, "io.pressure");
}

static void put_size(struct cgroup_stats *stats, const char *prefix, const char *reserved)
{
	cgroup_stats_put_rows(stats, reserved, hugetlb_usage);
	cgroup_stats_put_rows(stats, prefix, hugetlb_failures);
}

void cgroup_stats_hugetlb_v2(struct cgroup_stats *stats)
{
	cgroup_stats_put_sizes(stats, "current", put_size);
}
