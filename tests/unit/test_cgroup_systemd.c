/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "check.h"
#include "kernel/cgroup_systemd.h"
#include "oci/config.h"
#include "oci/json.h"
#include "oci/json_write.h"

static struct arena arena;

/* linux.resources as JSON, and the object that becomes of it. */
static const char *properties_of(const char *resources)
{
	static struct text text;
	struct config_resources config = { 0 };
	struct json_writer *json = json_writer_new(NULL);
	struct error err = { 0 };
	struct json *tree = json_parse(&arena, resources, strlen(resources), &err);
	size_t count;

	CHECK(tree != NULL && config_resources_read(&config, tree, &arena, &err) == 0);
	json_open_object(json, NULL);
	count = cgroup_systemd_put(&config, json);
	json_close_object(json);
	text_release(&text);
	json_writer_finish(json, &text);
	text.data[strcspn(text.data, "\n")] = '\0';
	CHECK((count == 0) == (strcmp(text.data, "{}") == 0));
	return text.data;
}

static void limits_become_properties(void)
{
	static const char *const cases[][2] = {
		{ "{}", "{}" },
		{ "{\"memory\":{\"limit\":1000,\"swap\":3000,\"reservation\":500}}",
		  "{\"MemorySwapMax\":\"uint64 2000\",\"MemoryMax\":\"uint64 "
		  "1000\",\"MemoryLow\":\"uint64 500\"}" },
		{ "{\"memory\":{\"limit\":-1}}",
		  "{\"MemorySwapMax\":\"uint64 18446744073709551615\",\"MemoryMax\":"
		  "\"uint64 18446744073709551615\"}" },
		{ "{\"memory\":{\"limit\":0}}", "{}" },
		{ "{\"cpu\":{\"shares\":1024}}", "{\"CPUWeight\":\"uint64 100\"}" },
		{ "{\"cpu\":{\"idle\":1,\"shares\":1024}}",
		  "{\"CPUWeight\":\"uint64 0\"}" },
		{ "{\"cpu\":{\"quota\":12345,\"period\":100000}}",
		  "{\"CPUQuotaPeriodUSec\":\"uint64 "
		  "100000\",\"CPUQuotaPerSecUSec\":\"uint64 130000\"}" },
		{ "{\"cpu\":{\"quota\":-1}}",
		  "{\"CPUQuotaPeriodUSec\":\"uint64 "
		  "100000\",\"CPUQuotaPerSecUSec\":\"uint64 18446744073709551615\"}" },
		{ "{\"cpu\":{\"cpus\":\"0-1,9\",\"mems\":\"0\"}}",
		  "{\"AllowedCPUs\":\"@ay [3, 2]\",\"AllowedMemoryNodes\":\"@ay [1]\"}" },
		{ "{\"pids\":{\"limit\":0}}", "{\"TasksMax\":\"uint64 1\"}" },
		{ "{\"pids\":{\"limit\":-1}}",
		  "{\"TasksMax\":\"uint64 18446744073709551615\"}" },
		{ "{\"blockIO\":{\"weight\":10}}", "{\"IOWeight\":\"uint64 1\"}" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK_TEXT(properties_of(cases[i][0]), cases[i][1]);
}

static void files_of_unified_do_too(void)
{
	static const char *const cases[][2] = {
		{ "\"memory.high\":\"max\"",
		  "{\"MemoryHigh\":\"uint64 18446744073709551615\"}" },
		{ "\"memory.min\":\" 42\"", "{\"MemoryMin\":\"uint64 42\"}" },
		{ "\"pids.max\":\"0\"", "{\"TasksMax\":\"uint64 1\"}" },
		{ "\"cpu.max\":\"5000 50000\"",
		  "{\"CPUQuotaPeriodUSec\":\"uint64 "
		  "50000\",\"CPUQuotaPerSecUSec\":\"uint64 100000\"}" },
		{ "\"cpu.max\":\"max\"",
		  "{\"CPUQuotaPeriodUSec\":\"uint64 "
		  "100000\",\"CPUQuotaPerSecUSec\":\"uint64 18446744073709551615\"}" },
		{ "\"io.weight\":\"default 7\"", "{\"IOWeight\":\"uint64 7\"}" },
		/* For the file to refuse, or none of systemd's. */
		{ "\"io.weight\":\"8:0 7\"", "{}" },
		{ "\"memory.max\":\"lots\"", "{}" },
		{ "\"cpu.max\":\"5 0\"", "{}" },
		{ "\"cpuset.cpus\":\"a\"", "{}" },
		{ "\"hugetlb.2MB.max\":\"0\"", "{}" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK_TEXT(properties_of(arena_format(&arena, "{\"unified\":{%s}}",
						      cases[i][0])),
			   cases[i][1]);
}

int main(void)
{
	RUN(limits_become_properties);
	RUN(files_of_unified_do_too);
	arena_release(&arena);
	return check_done();
}
