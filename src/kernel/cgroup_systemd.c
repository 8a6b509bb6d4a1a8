/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/cgroup_systemd.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bitset.h"
#include "base/text.h"
#include "kernel/cgroup_resources.h"
#include "oci/json_write.h"

struct list {
	struct json_writer *json;
	size_t count;
};

static void put_text(struct list *list, const char *property, const char *value)
{
	json_put_text(list->json, property, value);
	list->count++;
}

static void put_number(struct list *list, const char *property, uint64_t number)
{
	char text[64];

	(void)snprintf(text, sizeof(text), "uint64 %" PRIu64, number);
	put_text(list, property, text);
}

/* Numbers begin where the kernel's parser would, and end where it ends; what is none is
 * for the file to refuse. */
static bool read_number(const char *value, uint64_t *number, char **end)
{
	value += strspn(value, " \t\n");
	if (*value < '0' || *value > '9')
		return false;
	*number = strtoull(value, end, 10);
	return true;
}

static void put_limit(struct list *list, const char *property, const char *value)
{
	uint64_t number = UINT64_MAX; /* infinity */
	char *end;

	if (strncmp(value, "max", 3) == 0 || read_number(value, &number, &end))
		put_number(list, property, number);
}

/* It takes no 0. */
static void put_tasks(struct list *list, const char *property, const char *value)
{
	put_limit(list, property, strcmp(value, "0") == 0 ? "1" : value);
}

/* systemd 252 on: a weight of 0 is cpu.idle, and every other one is not. */
static void put_idle(struct list *list, const char *property, const char *value)
{
	if (strcmp(value, "1") == 0)
		put_number(list, property, 0);
}

/* "default 100" too. */
static void put_weight(struct list *list, const char *property, const char *value)
{
	static const char word[] = "default ";
	bool has_word = strncmp(value, word, strlen(word)) == 0;
	uint64_t number;
	char *end;

	if (read_number(has_word ? value + strlen(word) : value, &number, &end) &&
	    (*end == '\0' || *end == '\n'))
		put_number(list, property, number);
}

/*
 * "QUOTA PERIOD". systemd writes its units down in whole percents: rounded up, or what is
 * left of the quota after a daemon-reload would be less than was asked for. The file has
 * it exactly.
 */
static void put_bandwidth(struct list *list, const char *property, const char *value)
{
	enum { PERCENT = 10000 };
	bool is_unlimited = strncmp(value, "max", 3) == 0;
	uint64_t quota = 0, period = 100000, share;
	char *end = NULL;

	if (!is_unlimited && !read_number(value, &quota, &end))
		return;
	(void)read_number(is_unlimited ? value + 3 : end, &period, &end);
	if (period == 0 || __builtin_mul_overflow(quota, (uint64_t)1000000, &share))
		return;
	share = (share / period + PERCENT - 1) / PERCENT * PERCENT;
	put_number(list, "CPUQuotaPeriodUSec", period);
	put_number(list, property, is_unlimited ? UINT64_MAX : share);
}

/* Bytes, the lowest bit first. */
static void put_set(struct list *list, const char *property, const char *value)
{
	auto_text struct text text = { 0 };
	struct bitset set;
	size_t length = 0;

	if (!bitset_parse(&set, value))
		return;
	for (size_t i = 0; i < BITSET_SIZE; i++) {
		if (set.words[i / BITSET_WORD] >> i % BITSET_WORD & 1)
			length = i / 8 + 1;
	}
	text_put(&text, "@ay [");
	for (size_t i = 0; i < length; i++)
		text_format(&text, "%s%lu", i > 0 ? ", " : "",
			    set.words[i * 8 / BITSET_WORD] >> i * 8 % BITSET_WORD & 255);
	text_put(&text, "]");
	put_text(list, property, text.data);
}

static const struct property {
	const char *file, *name;
	void (*put)(struct list *list, const char *property, const char *value);
} properties[] = {
	{ "cpu.idle", "CPUWeight", put_idle },
	{ "cpu.max", "CPUQuotaPerSecUSec", put_bandwidth },
	{ "cpu.weight", "CPUWeight", put_limit },
	{ "cpuset.cpus", "AllowedCPUs", put_set },
	{ "cpuset.mems", "AllowedMemoryNodes", put_set },
	{ "io.weight", "IOWeight", put_weight },
	{ "memory.high", "MemoryHigh", put_limit },
	{ "memory.low", "MemoryLow", put_limit },
	{ "memory.max", "MemoryMax", put_limit },
	{ "memory.min", "MemoryMin", put_limit },
	{ "memory.swap.max", "MemorySwapMax", put_limit },
	{ "pids.max", "TasksMax", put_tasks },
};

static void put(void *context, const char *file, const char *value)
{
	for (size_t i = 0; i < sizeof(properties) / sizeof(properties[0]); i++) {
		if (strcmp(properties[i].file, file) == 0)
			properties[i].put(context, properties[i].name, value);
	}
}

size_t cgroup_systemd_put(const struct config_resources *resources,
			  struct json_writer *json)
{
	struct list list = { json, 0 };

	if (resources != NULL)
		cgroup_resources_tell(resources, put, &list);
	return list.count;
}
