/* SPDX-License-Identifier: Apache-2.0 */

/* A directory plays the resctrl file system. */

#include <sys/stat.h>

#include "base/auto.h"
#include "base/text.h"
#include "check.h"
#include "kernel/intel_rdt.h"
#include "kernel/intel_rdt_stats.h"
#include "oci/json_write.h"
#include "temporary.h"

static void put(const struct temporary *host, const char *path, const char *content)
{
	auto_close int fd = openat(host->fd, path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	CHECK(write(fd, content, strlen(content)) == (ssize_t)strlen(content));
}

static void make(const struct temporary *host, const char *const *directories)
{
	for (; *directories != NULL; directories++)
		CHECK(mkdirat(host->fd, *directories, 0700) == 0);
}

/* A host with one class, "gold", that is monitored as a whole and as the group "c". */
static struct temporary host_new(void)
{
	static const char *const directories[] = {
		"info",
		"info/L3",
		"info/MB",
		"info/L3_MON",
		"gold",
		"gold/mon_data",
		"gold/mon_data/mon_L3_00",
		"gold/mon_groups",
		"gold/mon_groups/c",
		"gold/mon_groups/c/mon_data",
		"gold/mon_groups/c/mon_data/mon_L3_00",
		"gold/mon_groups/c/mon_data/mon_L3_01",
		NULL,
	};
	struct temporary host = temporary_new();

	make(&host, directories);
	put(&host, "info/L3/cbm_mask", "7ff\n");
	put(&host, "info/L3/min_cbm_bits", "1\n");
	put(&host, "info/L3/num_closids", "16\n");
	put(&host, "info/MB/bandwidth_gran", "10\n");
	put(&host, "info/MB/delay_linear", "1\n");
	put(&host, "info/MB/min_bandwidth", "10\n");
	put(&host, "info/MB/num_closids", "8\n");
	put(&host, "info/L3_MON/mon_features",
	    "llc_occupancy\nmbm_total_bytes\nmbm_local_bytes\n");
	put(&host, "schemata", "    L3:0=7ff;1=7ff\n    MB:0=100;1=100\n");
	put(&host, "gold/schemata", "    L3:0=0ff;1=00f\n    MB:0= 50;1=100\n");
	put(&host, "gold/mon_data/mon_L3_00/mbm_total_bytes", "9\n");
	put(&host, "gold/mon_groups/c/mon_data/mon_L3_00/mbm_total_bytes", "5\n");
	put(&host, "gold/mon_groups/c/mon_data/mon_L3_00/mbm_local_bytes", "4\n");
	put(&host, "gold/mon_groups/c/mon_data/mon_L3_00/llc_occupancy", "65536\n");
	put(&host, "gold/mon_groups/c/mon_data/mon_L3_01/mbm_total_bytes",
	    "Unavailable\n");
	put(&host, "gold/mon_groups/c/mon_data/mon_L3_01/mbm_local_bytes", "1\n");
	put(&host, "gold/mon_groups/c/mon_data/mon_L3_01/llc_occupancy", "0\n");
	return host;
}

/* The document, which lives until the next call. */
static const char *document(const struct intel_rdt *rdt, const char *root)
{
	static char content[2048];
	struct json_writer *json = json_writer_new(NULL);
	auto_text struct text text = { 0 };

	json_open_object(json, NULL);
	intel_rdt_stats_put(rdt, root, json);
	json_close_object(json);
	json_writer_finish(json, &text);
	(void)snprintf(content, sizeof(content), "%s", text.data);
	return content;
}

#define SHARES                                                                        \
	"{\"intel_rdt\":{\"l3_cache_info\":{\"cbm_mask\":\"7ff\",\"min_cbm_bits\":1," \
	"\"num_closids\":16},\"l3_cache_schema_root\":\"L3:0=7ff;1=7ff\","            \
	"\"l3_cache_schema\":\"L3:0=0ff;1=00f\",\"mem_bw_info\":{"                    \
	"\"bandwidth_gran\":10,\"delay_linear\":1,\"min_bandwidth\":10,"              \
	"\"num_closids\":8},\"mem_bw_schema_root\":\"MB:0=100;1=100\","               \
	"\"mem_bw_schema\":\"MB:0= 50;1=100\",\"schemata\":[\"L3:0=0ff;1=00f\",\"   " \
	" MB:0= 50;1=100\"]"

static void tells_of_the_group_of_its_own(void)
{
	auto_temporary struct temporary host = host_new();
	char group[128], monitor[160];
	struct intel_rdt rdt = { .group = group, .monitor = monitor };

	(void)snprintf(group, sizeof(group), "%s/gold", host.path);
	(void)snprintf(monitor, sizeof(monitor), "%s/mon_groups/c", group);
	CHECK_TEXT(document(&rdt, host.path),
		   SHARES ",\"mbm_stats\":[{\"mbm_total_bytes\":5,\"mbm_local_bytes\":4},"
			  "{\"mbm_total_bytes\":0,\"mbm_local_bytes\":1}],"
			  "\"cmt_stats\":[{\"llc_occupancy\":65536},"
			  "{\"llc_occupancy\":0}]}}\n");
}

static void tells_of_the_class_without_one(void)
{
	auto_temporary struct temporary host = host_new();
	char group[128];
	struct intel_rdt rdt = { .group = group };

	(void)snprintf(group, sizeof(group), "%s/gold", host.path);
	put(&host, "info/L3_MON/mon_features", "mbm_total_bytes\n");
	CHECK_TEXT(document(&rdt, host.path),
		   SHARES ",\"mbm_stats\":[{\"mbm_total_bytes\":9,"
			  "\"mbm_local_bytes\":0}]}}\n");
}

static void has_nothing_to_tell(void)
{
	auto_temporary struct temporary host = temporary_new();
	struct intel_rdt none = { 0 }, gone = { .group = "/nonexistent" };

	CHECK_TEXT(document(&none, NULL), "{\"intel_rdt\":{}}\n");
	CHECK_TEXT(document(&gone, host.path), "{\"intel_rdt\":{}}\n");
}

int main(void)
{
	RUN(tells_of_the_group_of_its_own);
	RUN(tells_of_the_class_without_one);
	RUN(has_nothing_to_tell);
	return check_done();
}
