/* SPDX-License-Identifier: Apache-2.0 */

/* Directories play the hierarchies of v1 and v2. */

#include <sys/stat.h>

#include "base/auto.h"
#include "base/text.h"
#include "check.h"
#include "kernel/cgroup.h"
#include "kernel/cgroup_stats.h"
#include "oci/json_write.h"
#include "temporary.h"

static struct error err;

struct file {
	const char *name, *content;
};

static void put(const struct temporary *host, const char *directory,
		const struct file *files)
{
	char path[128];

	(void)mkdirat(host->fd, directory, 0700);
	for (; files->name != NULL; files++) {
		auto_close int fd = -1;

		(void)snprintf(path, sizeof(path), "%s/%s", directory, files->name);
		fd = openat(host->fd, path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		CHECK(write(fd, files->content, strlen(files->content)) ==
		      (ssize_t)strlen(files->content));
	}
}

/* A host with v2 alone: the cgroup is /c below the mount point. */
static struct cgroup unified(const struct temporary *host)
{
	return (struct cgroup){
		.layout = CGROUP_UNIFIED,
		.path = "/c",
		.unified_mount_point = host->path,
	};
}

/* A host with v1, each controller mounted at the same place. */
static struct cgroup legacy(const struct temporary *host, const char *controllers)
{
	struct cgroup cgroup = { .layout = CGROUP_LEGACY, .path = "/c" };

	cgroup.hierarchies[0].controllers = controllers;
	cgroup.hierarchies[0].mount_point = host->path;
	cgroup.hierarchies_count = 1;
	return cgroup;
}

/* The document, which lives until the next call; "" after an error. */
static const char *document(const struct cgroup *cgroup)
{
	static char content[8192];
	struct json_writer *json = json_writer_new(NULL);
	auto_text struct text text = { 0 };
	int result;

	json_open_object(json, NULL);
	result = cgroup_stats_put(cgroup, json, &err);
	json_close_object(json);
	json_writer_finish(json, &text);
	(void)snprintf(content, sizeof(content), "%s", result < 0 ? "" : text.data);
	return content;
}

#define NO_CPUSET                                                                         \
	"\"cpuset\":{\"cpu_exclusive\":0,\"mem_hardwall\":0,\"mem_exclusive\":0,"         \
	"\"memory_migrate\":0,\"memory_spread_page\":0,\"memory_spread_slab\":0,"         \
	"\"memory_pressure\":0,\"sched_load_balance\":0,\"sched_relax_domain_level\":0}," \
	""

#define NOTHING                                                                        \
	"{\"cpu\":{}," NO_CPUSET "\"memory\":{},\"pids\":{},\"blkio\":{},\"hugetlb\":" \
	"{}}\n"

static void v2_with_every_controller(void)
{
	static const struct file files[] = {
		{ "cpu.stat", "usage_usec 1500\nuser_usec 1000\nsystem_usec 500\n"
			      "nice_usec 0\nnr_periods 7\nnr_throttled 2\n"
			      "throttled_usec 30\nnr_bursts 0\nburst_usec 0\n" },
		{ "cpu.pressure", "some avg10=1.50 avg60=0.07 avg300=12.34 total=99\n"
				  "full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n" },
		{ "cpuset.cpus", "0-3\n" },
		{ "memory.current", "4096\n" },
		{ "memory.max", "8192\n" },
		{ "memory.peak", "6000\n" },
		{ "memory.swap.current", "10\n" },
		{ "memory.swap.max", "100\n" },
		{ "memory.swap.peak", "50\n" },
		{ "memory.stat", "file_dirty 3\nfile 2\nanon 1\n" },
		{ "memory.pressure",
		  "some avg10=0.00 avg60=0.00 avg300=0.00 total=1\n"
		  "full avg10=0.00 avg60=0.00 avg300=100.00 total=2\n" },
		{ "pids.current", "3\n" },
		{ "pids.max", "20\n" },
		{ "io.stat", "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6\n"
			     "253:1 rbytes=0 wbytes=20 rios=0 wios=1 cost.usage=3\n"
			     "7:0\n" },
		{ "io.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n"
				 "full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n" },
		{ "hugetlb.2MB.current", "1\n" },
		{ "hugetlb.2MB.rsvd.current", "2097152\n" },
		{ "hugetlb.2MB.events", "max 4\n" },
		{ "hugetlb.2MB.events.local", "max 9\n" },
		{ "hugetlb.1GB.current", "5\n" },
		{ "hugetlb.1GB.events", "max 0\n" },
		{ 0 },
	};
	auto_temporary struct temporary host = temporary_new();
	struct cgroup cgroup = unified(&host);

	put(&host, "c", files);
	CHECK_TEXT(
		document(&cgroup),
		"{\"cpu\":{\"usage\":{\"total\":1500000,\"kernel\":500000,\"user\":1000000},"
		"\"throttling\":{\"periods\":7,\"throttledPeriods\":2,\"throttledTime\":30000},"
		"\"psi\":{\"some\":{\"avg10\":1.5,\"avg60\":0.07,\"avg300\":12.34,\"total\":99}}},"
		/* runc reads none of cpuset there */
		NO_CPUSET "\"memory\":{\"cache\":2,"
		"\"usage\":{\"limit\":8192,\"usage\":4096,\"max\":6000,\"failcnt\":0},"
		"\"swap\":{\"limit\":8292,\"usage\":4106,\"failcnt\":0},"
		"\"raw\":{\"anon\":1,\"file\":2,\"file_dirty\":3},"
		"\"psi\":{\"some\":{\"avg10\":0,\"avg60\":0,\"avg300\":0,\"total\":1},"
		"\"full\":{\"avg10\":0,\"avg60\":0,\"avg300\":100,\"total\":2}}},"
		"\"pids\":{\"current\":3,\"limit\":20},"
		"\"blkio\":{\"ioServiceBytesRecursive\":["
		"{\"major\":8,\"op\":\"Read\",\"value\":1},"
		"{\"major\":8,\"op\":\"Write\",\"value\":2},"
		"{\"major\":253,\"minor\":1,\"op\":\"Read\"},"
		"{\"major\":253,\"minor\":1,\"op\":\"Write\",\"value\":20}],"
		"\"ioServicedRecursive\":["
		"{\"major\":8,\"op\":\"Read\",\"value\":3},"
		"{\"major\":8,\"op\":\"Write\",\"value\":4},"
		"{\"major\":253,\"minor\":1,\"op\":\"Read\"},"
		"{\"major\":253,\"minor\":1,\"op\":\"Write\",\"value\":1}],\"psi\":{}},"
		"\"hugetlb\":{\"1GB\":{\"usage\":5,\"failcnt\":0},"
		"\"2MB\":{\"usage\":2097152,\"failcnt\":4}}}\n");
}

static void v2_without_controllers(void)
{
	static const struct file files[] = {
		{ "cpu.stat", "usage_usec 0\nuser_usec 0\nsystem_usec 0\n" },
		{ "cgroup.procs", "10\n11\n12\n" },
		{ 0 },
	};
	auto_temporary struct temporary host = temporary_new();
	struct cgroup cgroup = unified(&host);

	put(&host, "c", files);
	CHECK_TEXT(document(&cgroup),
		   "{\"cpu\":{}," NO_CPUSET
		   "\"memory\":{},\"pids\":{\"current\":3},\"blkio\":{},"
		   "\"hugetlb\":{}}\n");
}

static void v2_without_limits(void)
{
	static const struct file files[] = {
		{ "memory.current", "1\n" },
		{ "memory.max", "max\n" },
		{ "memory.swap.current", "0\n" },
		{ "memory.swap.max", "7\n" },
		{ "pids.current", "1\n" },
		{ "pids.max", "max\n" },
		{ 0 },
	};
	auto_temporary struct temporary host = temporary_new();
	struct cgroup cgroup = unified(&host);

	put(&host, "c", files);
	CHECK_TEXT(
		document(&cgroup),
		"{\"cpu\":{}," NO_CPUSET
		"\"memory\":{\"usage\":{\"limit\":18446744073709551615,\"usage\":1,\"failcnt\":0},"
		"\"swap\":{\"limit\":18446744073709551615,\"usage\":1,\"failcnt\":0}},"
		"\"pids\":{\"current\":1},\"blkio\":{},\"hugetlb\":{}}\n");
}

static const struct file files_v1[] = {
	{ "cpuacct.usage", "123456789\n" },
	{ "cpuacct.usage_percpu", "100 0 23 \n" },
	{ "cpuacct.usage_all", "cpu user system\n0 60 40\n1 0 0\n2 20 3\n" },
	{ "cpuacct.stat", "user 2\nsystem 1\n" },
	{ "cpu.stat", "nr_periods 9\nnr_throttled 1\nthrottled_time 77\n" },
	{ "cpu.pressure", "some avg10=1.00 avg60=1.00 avg300=1.00 total=1\n" },
	{ "cpuset.cpus", "0-2,64\n" },
	{ "cpuset.cpu_exclusive", "1\n" },
	{ "cpuset.mems", "0\n" },
	{ "cpuset.mem_hardwall", "0\n" },
	{ "cpuset.mem_exclusive", "0\n" },
	{ "cpuset.memory_migrate", "1\n" },
	{ "cpuset.memory_spread_page", "0\n" },
	{ "cpuset.memory_spread_slab", "0\n" },
	{ "cpuset.memory_pressure", "5\n" },
	{ "cpuset.sched_load_balance", "1\n" },
	{ "cpuset.sched_relax_domain_level", "-1\n" },
	{ "memory.stat", "cache 8\nrss 4\ntotal_cache 8\nswap -3\n" },
	{ "memory.usage_in_bytes", "4096\n" },
	{ "memory.max_usage_in_bytes", "5000\n" },
	{ "memory.failcnt", "2\n" },
	{ "memory.limit_in_bytes", "9223372036854771712\n" },
	{ "memory.memsw.usage_in_bytes", "4097\n" },
	{ "memory.memsw.max_usage_in_bytes", "5001\n" },
	{ "memory.memsw.failcnt", "3\n" },
	{ "memory.memsw.limit_in_bytes", "6000\n" },
	/* Newer kernels have no limit of it. */
	{ "memory.kmem.usage_in_bytes", "50\n" },
	{ "memory.kmem.max_usage_in_bytes", "60\n" },
	{ "memory.kmem.failcnt", "0\n" },
	{ "pids.current", "2\n" },
	{ "pids.max", "max\n" },
	{ "blkio.bfq.io_serviced_recursive", "Total 0\n" },
	{ "blkio.throttle.io_serviced_recursive", "8:16 Read 3\n8:16 Write 0\n8:16 Total "
						  "3\nTotal 3\n" },
	{ "blkio.throttle.io_service_bytes_recursive", "8:16 Read 512\nTotal 512\n" },
	{ "blkio.throttle.io_serviced", "8:16 Read 99\n" },
	{ "hugetlb.2MB.usage_in_bytes", "1\n" },
	{ "hugetlb.2MB.max_usage_in_bytes", "1\n" },
	{ "hugetlb.2MB.failcnt", "1\n" },
	{ "hugetlb.2MB.rsvd.usage_in_bytes", "2\n" },
	{ "hugetlb.2MB.rsvd.max_usage_in_bytes", "3\n" },
	{ "hugetlb.2MB.rsvd.failcnt", "4\n" },
	{ "hugetlb.2MB.numa_stat", "total=0 N0=0\n" },
	{ 0 },
};

#define V1_TEXT                                                                        \
	"{\"cpu\":{\"usage\":{\"total\":123456789,\"percpu\":[100,0,23],"              \
	"\"percpu_kernel\":[40,0,3],\"percpu_user\":[60,0,20],"                        \
	"\"kernel\":10000000,\"user\":20000000},"                                      \
	"\"throttling\":{\"periods\":9,\"throttledPeriods\":1,\"throttledTime\":77}}," \
	"\"cpuset\":{\"cpus\":[0,1,2,64],\"cpu_exclusive\":1,\"mems\":[0],"            \
	"\"mem_hardwall\":0,\"mem_exclusive\":0,\"memory_migrate\":1,"                 \
	"\"memory_spread_page\":0,\"memory_spread_slab\":0,\"memory_pressure\":5,"     \
	"\"sched_load_balance\":1,\"sched_relax_domain_level\":-1},"                   \
	"\"memory\":{\"cache\":8,\"usage\":{\"limit\":9223372036854771712,"            \
	"\"usage\":4096,\"max\":5000,\"failcnt\":2},"                                  \
	"\"swap\":{\"limit\":6000,\"usage\":4097,\"max\":5001,\"failcnt\":3},"         \
	"\"kernel\":{\"limit\":0,\"usage\":50,\"max\":60,\"failcnt\":0},"              \
	"\"raw\":{\"cache\":8,\"rss\":4,\"swap\":0,\"total_cache\":8}},"               \
	"\"pids\":{\"current\":2},"                                                    \
	"\"blkio\":{\"ioServiceBytesRecursive\":["                                     \
	"{\"major\":8,\"minor\":16,\"op\":\"Read\",\"value\":512}],"                   \
	"\"ioServicedRecursive\":["                                                    \
	"{\"major\":8,\"minor\":16,\"op\":\"Read\",\"value\":3},"                      \
	"{\"major\":8,\"minor\":16,\"op\":\"Write\"},"                                 \
	"{\"major\":8,\"minor\":16,\"op\":\"Total\",\"value\":3}]},"

static void v1_with_every_controller(void)
{
	auto_temporary struct temporary host = temporary_new();
	struct cgroup cgroup =
		legacy(&host, "cpu,cpuacct,cpuset,memory,pids,blkio,hugetlb");

	put(&host, "c", files_v1);
	CHECK_TEXT(document(&cgroup), V1_TEXT
		   "\"hugetlb\":{\"2MB\":{\"usage\":2,\"max\":3,\"failcnt\":4}}}\n");
}

/* On a hybrid host what v1 does not hold is on v2. */
static void hybrid_reads_each_controller_where_it_is(void)
{
	static const struct file files[] = {
		{ "cpu.stat", "usage_usec 1\nuser_usec 1\nsystem_usec 1\n" },
		{ "hugetlb.2MB.current", "7\n" },
		{ "hugetlb.2MB.events", "max 1\n" },
		{ 0 },
	};
	auto_temporary struct temporary host = temporary_new();
	auto_temporary struct temporary v2 = temporary_new();
	struct cgroup cgroup = legacy(&host, "cpu,cpuacct,cpuset,memory,pids,blkio");

	cgroup.layout = CGROUP_HYBRID;
	cgroup.unified_mount_point = v2.path;
	put(&host, "c", files_v1);
	put(&v2, "c", files);
	CHECK_TEXT(document(&cgroup),
		   V1_TEXT "\"hugetlb\":{\"2MB\":{\"usage\":7,\"failcnt\":1}}}\n");
}

static void v1_of_schedulers_comes_before_throttling(void)
{
	static const struct file files[] = {
		{ "blkio.bfq.io_serviced_recursive", "8:0 Read 1\nTotal 1\n" },
		{ "blkio.bfq.sectors_recursive", "8:0 6792\n" },
		{ "blkio.bfq.time_recursive", "8:0 5\n" },
		{ "blkio.bfq.io_queued_recursive", "Total 0\n" },
		{ "blkio.throttle.io_serviced", "8:0 Read 99\n" },
		{ 0 },
	};
	auto_temporary struct temporary host = temporary_new();
	struct cgroup cgroup = legacy(&host, "blkio");

	put(&host, "c", files);
	CHECK_TEXT(document(&cgroup),
		   "{\"cpu\":{}," NO_CPUSET
		   "\"memory\":{},\"pids\":{},\"blkio\":{\"ioServicedRecursive\":["
		   "{\"major\":8,\"op\":\"Read\",\"value\":1}],"
		   "\"ioTimeRecursive\":[{\"major\":8,\"value\":5}],"
		   "\"sectorsRecursive\":[{\"major\":8,\"value\":6792}]},"
		   "\"hugetlb\":{}}\n");
}

static void a_cgroup_that_is_gone_has_nothing(void)
{
	auto_temporary struct temporary host = temporary_new();
	struct cgroup v2 = unified(&host);
	struct cgroup none = { .layout = CGROUP_LEGACY, .path = "/c" };

	CHECK_TEXT(document(&v2), NOTHING);
	CHECK_TEXT(document(&none), NOTHING);
}

static void what_is_no_number_is_an_error(void)
{
	static const struct file bad[] = {
		{ "pids.current", "many\n" },
		{ "memory.stat", "anon\n" },
		{ "cpu.stat", "usage_usec 1 2\n" },
		{ "io.stat", "8-0 rbytes=1\n" },
		{ "cpu.pressure", "some avg10=1,5 total=1\n" },
		{ "memory.max", "\n" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		auto_temporary struct temporary host = temporary_new();
		struct cgroup cgroup = unified(&host);
		const struct file files[] = { bad[i], { 0 } };

		put(&host, "c", files);
		CHECK_TEXT(document(&cgroup), "");
		CHECK(strstr(err.text, "is not a number") != NULL);
		CHECK(strstr(err.text, host.path) != NULL);
	}
}

int main(void)
{
	RUN(v2_with_every_controller);
	RUN(v2_without_controllers);
	RUN(v2_without_limits);
	RUN(v1_with_every_controller);
	RUN(hybrid_reads_each_controller_where_it_is);
	RUN(v1_of_schedulers_comes_before_throttling);
	RUN(a_cgroup_that_is_gone_has_nothing);
	RUN(what_is_no_number_is_an_error);
	return check_done();
}
