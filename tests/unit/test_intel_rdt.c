/* SPDX-License-Identifier: Apache-2.0 */

/* A directory plays the resctrl file system: a class that the kernel would fill with
 * files is one that has been there before. */

#include <sys/stat.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/file.h"
#include "base/text.h"
#include "check.h"
#include "kernel/intel_rdt.h"
#include "kernel/intel_rdt_schema.h"
#include "oci/config.h"
#include "temporary.h"

static struct error err;

static void put(int dirfd, const char *path, const char *content)
{
	auto_close int fd = openat(dirfd, path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	CHECK(write(fd, content, strlen(content)) == (ssize_t)strlen(content));
}

/* The whole content, which lives until the next call. */
static const char *get(int dirfd, const char *path)
{
	static char content[256];
	auto_close int fd = openat(dirfd, path, O_RDONLY);
	ssize_t size = fd < 0 ? 0 : read(fd, content, sizeof(content) - 1);

	content[size < 0 ? 0 : size] = '\0';
	return content;
}

static bool is_there(int dirfd, const char *path)
{
	return faccessat(dirfd, path, F_OK, 0) == 0;
}

/* A host with one class, "gold". */
static struct temporary host_new(void)
{
	struct temporary host = temporary_new();

	CHECK(mkdirat(host.fd, "info", 0700) == 0);
	CHECK(mkdirat(host.fd, "info/MB", 0700) == 0);
	CHECK(mkdirat(host.fd, "mon_groups", 0700) == 0);
	CHECK(mkdirat(host.fd, "gold", 0700) == 0);
	CHECK(mkdirat(host.fd, "gold/mon_groups", 0700) == 0);
	put(host.fd, "info/MB/bandwidth_gran", "10\n");
	put(host.fd, "info/last_cmd_status", "ok\n");
	put(host.fd, "schemata", "    L3:0=7ff;1=7ff\n    MB:0=100;1=100\n");
	put(host.fd, "tasks", "");
	put(host.fd, "gold/schemata", "    L3:0=0ff;1=00f\n    MB:0= 50;1=100\n");
	put(host.fd, "gold/tasks", "");
	return host;
}

/* As create does, for a container "c1". */
static int create(const struct temporary *host, const struct config_intel_rdt *config,
		  struct arena *arena, struct intel_rdt *rdt)
{
	err = (struct error){ 0 };
	*rdt = (struct intel_rdt){ .root = host->path };
	if (intel_rdt_plan(config, "c1", arena, rdt, &err) < 0)
		return -1;
	return intel_rdt_create(config, rdt, &err);
}

static int check(const struct config_intel_rdt *config)
{
	err = (struct error){ 0 };
	return intel_rdt_check(config, &err);
}

static void names_and_lines_are_checked(void)
{
	static const char *const bad[] = { "a/b", ".", "..", "//", "a\nb" };
	char one[] = "L2:0=f", two[] = "L3:0=f\nL2:0=f", *lines[] = { one, two, NULL };

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		CHECK(check(&(struct config_intel_rdt){ .clos_id = bad[i] }) < 0);
		CHECK_TEXT(err.where, "linux.intelRdt.closID");
	}
	CHECK(check(&(struct config_intel_rdt){ .mem_bw_schema = "L3:0=f" }) < 0);
	CHECK(check(&(struct config_intel_rdt){ .mem_bw_schema = "MB:0=10\nL3:0=f" }) <
	      0);
	CHECK_TEXT(err.text, "not one line that starts with 'MB:'");
	CHECK_TEXT(err.where, "linux.intelRdt.memBwSchema");
	CHECK(check(&(struct config_intel_rdt){ .schemata = lines }) < 0);
	CHECK_TEXT(err.text, "not one line");
	CHECK_TEXT(err.where, "linux.intelRdt.schemata[1]");
	CHECK(check(NULL) == 0);
	CHECK(check(&(struct config_intel_rdt){ .clos_id = "/" }) == 0);
	CHECK(check(&(struct config_intel_rdt){ .clos_id = "a.b",
						.l3_cache_schema = "L3:0=f",
						.mem_bw_schema = "MB:0=10" }) == 0);
}

static void shares_are_compared_as_numbers(void)
{
	static const char is[] = "L2:0=f\n    L3:0=0ff;1=00f\n    MB:0= 50;1=100\n";
	static const struct {
		const char *wanted;
		bool agrees;
	} cases[] = {
		{ "L3:0=ff;1=f", true },
		{ "L3:1=F;0=0xff", true },
		{ "L3:1=f", true },
		{ "L3:0=f", false },
		{ "L3:2=f", false },
		{ "L3CODE:0=ff", false },
		{ "MB:0=50;1=100", true },
		{ "MB:0=41", true },
		{ "MB:0=51", false },
		{ "L3:0=ff\nMB:0=50", true },
		{ "L3:0=ff\nMB:0=60", false },
		{ "L2:0=f;", true },
		{ "L3:", true },
		{ "", true },
		{ "\n", true },
		{ "nonsense", true },
		{ NULL, true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		bool agrees = intel_rdt_schema_differs(cases[i].wanted, is, 10) == NULL;

		CHECK(agrees == cases[i].agrees);
	}
	CHECK_TEXT(intel_rdt_schema_differs("L3:0=ff\nMB:0=60", is, 10), "MB:0=60");
	CHECK(intel_rdt_schema_differs("L3:0=f", "", 10) != NULL);
}

static void a_class_of_its_own_goes_with_the_container(void)
{
	auto_temporary struct temporary host = host_new();
	auto_arena struct arena arena = { 0 };
	struct intel_rdt rdt;

	CHECK(create(&host, &(struct config_intel_rdt){ 0 }, &arena, &rdt) == 0);
	CHECK(is_there(host.fd, "c1") && rdt.made && rdt.monitor == NULL);
	CHECK(intel_rdt_remove(&rdt, &err) == 0 && !is_there(host.fd, "c1"));
	CHECK(intel_rdt_remove(&rdt, &err) == 0);
}

static void a_class_that_was_there_stays(void)
{
	auto_temporary struct temporary host = host_new();
	auto_arena struct arena arena = { 0 };
	struct intel_rdt rdt;

	CHECK(mkdirat(host.fd, "c1", 0700) == 0);
	CHECK(create(&host, &(struct config_intel_rdt){ 0 }, &arena, &rdt) == 0);
	CHECK(!rdt.made);
	CHECK(intel_rdt_remove(&rdt, &err) == 0 && is_there(host.fd, "c1"));
}

static void somebody_else_may_be_quicker(void)
{
	auto_temporary struct temporary host = host_new();
	auto_arena struct arena arena = { 0 };
	const struct config_intel_rdt config = { .enable_monitoring = true };
	struct intel_rdt rdt = { .root = host.path };

	CHECK(intel_rdt_plan(&config, "c1", &arena, &rdt, &err) == 0 && rdt.made);
	CHECK(mkdirat(host.fd, "c1", 0700) == 0);
	CHECK(mkdirat(host.fd, "c1/mon_groups", 0700) == 0);
	CHECK(mkdirat(host.fd, "c1/mon_groups/c1", 0700) == 0);
	CHECK(intel_rdt_create(&config, &rdt, &err) < 0);
	CHECK(!rdt.made && rdt.monitor == NULL);
	CHECK(intel_rdt_remove(&rdt, &err) == 0 && is_there(host.fd, "c1/mon_groups/c1"));
}

static void a_named_class_is_joined_as_it_is(void)
{
	auto_temporary struct temporary host = host_new();
	auto_arena struct arena arena = { 0 };
	struct intel_rdt rdt;

	CHECK(create(&host, &(struct config_intel_rdt){ .clos_id = "gold" }, &arena,
		     &rdt) == 0);
	CHECK_TEXT(get(host.fd, "gold/schemata"),
		   "    L3:0=0ff;1=00f\n    MB:0= 50;1=100\n");
	CHECK(intel_rdt_join(&rdt, 42, &err) == 0);
	CHECK_TEXT(get(host.fd, "gold/tasks"), "42");
	CHECK(intel_rdt_remove(&rdt, &err) == 0 && is_there(host.fd, "gold"));
}

static void a_named_class_without_shares_must_be_there(void)
{
	auto_temporary struct temporary host = host_new();
	auto_arena struct arena arena = { 0 };
	struct intel_rdt rdt;

	CHECK(create(&host, &(struct config_intel_rdt){ .clos_id = "tin" }, &arena,
		     &rdt) < 0);
	CHECK(strstr(err.text, "there is no class '") == err.text);
	CHECK_TEXT(err.where, "linux.intelRdt.closID");
	CHECK(!is_there(host.fd, "tin"));
}

static void the_root_is_a_class(void)
{
	auto_temporary struct temporary host = host_new();
	auto_arena struct arena arena = { 0 };
	const struct config_intel_rdt config = { .clos_id = "/",
						 .enable_monitoring = true };
	struct intel_rdt rdt;

	CHECK(create(&host, &config, &arena, &rdt) == 0);
	CHECK(is_there(host.fd, "mon_groups/c1"));
	CHECK(intel_rdt_join(&rdt, 42, &err) == 0);
	CHECK_TEXT(get(host.fd, "tasks"), "42");
	CHECK(intel_rdt_remove(&rdt, &err) == 0 && is_there(host.fd, "schemata") &&
	      !is_there(host.fd, "mon_groups/c1"));
}

static void shares_are_written_in_order(void)
{
	auto_temporary struct temporary host = host_new();
	auto_arena struct arena arena = { 0 };
	char one[] = "L2:0=f", two[] = "L2:1=f", *lines[] = { one, two, NULL };
	const struct config_intel_rdt config = { .clos_id = "gold",
						 .l3_cache_schema = "L3:0=ff",
						 .mem_bw_schema = "MB:0=50",
						 .schemata = lines };
	struct intel_rdt rdt;

	put(host.fd, "gold/schemata", "L3:0=ff\nMB:0=50\n");
	CHECK(create(&host, &config, &arena, &rdt) == 0);
	CHECK_TEXT(get(host.fd, "gold/schemata"), "L3:0=ff\nMB:0=50\nL2:0=f\nL2:1=f\n");
	CHECK(!rdt.made);
}

static void shares_of_a_living_container_are_changed(void)
{
	auto_temporary struct temporary host = host_new();
	auto_arena struct arena arena = { 0 };
	const struct config_intel_rdt before = { .clos_id = "gold" };
	const struct config_intel_rdt config = { .l3_cache_schema = "L3:0=1",
						 .mem_bw_schema = "MB:0=10" };
	struct intel_rdt rdt;

	CHECK(create(&host, &before, &arena, &rdt) == 0);
	CHECK(intel_rdt_update(&config, &rdt, &err) == 0);
	CHECK(strncmp(get(host.fd, "gold/schemata"), "L3:0=1\nMB:0=10\n", 15) == 0);
	CHECK(intel_rdt_update(&before, &rdt, &err) == 0);
	CHECK(unlinkat(host.fd, "gold/schemata", 0) == 0);
	CHECK(intel_rdt_update(&config, &rdt, &err) < 0);
	CHECK(strstr(err.text, "cannot write the shares to '") != NULL);
}

static void shares_of_somebody_else_are_not_changed(void)
{
	auto_temporary struct temporary host = host_new();
	auto_arena struct arena arena = { 0 };
	const struct config_intel_rdt config = { .clos_id = "gold",
						 .mem_bw_schema = "MB:0=70" };
	struct intel_rdt rdt;

	CHECK(create(&host, &config, &arena, &rdt) < 0);
	CHECK(strstr(err.text, "'MB:0=70' is not what the class '") == err.text);
	CHECK_TEXT(err.where, "linux.intelRdt.memBwSchema");
	CHECK_TEXT(get(host.fd, "gold/schemata"),
		   "    L3:0=0ff;1=00f\n    MB:0= 50;1=100\n");
}

/* The directory has no file to write them to, as if the kernel had refused them. */
static void a_class_without_its_shares_is_undone(void)
{
	auto_temporary struct temporary host = host_new();
	auto_arena struct arena arena = { 0 };
	const struct config_intel_rdt config = { .clos_id = "tin",
						 .l3_cache_schema = "L3:0=0" };
	struct intel_rdt rdt;

	put(host.fd, "info/last_cmd_status", "Mask 0 has non-consecutive 1-bits\n");
	CHECK(create(&host, &config, &arena, &rdt) < 0);
	CHECK(strstr(err.text, "(Mask 0 has non-consecutive 1-bits)") != NULL);
	CHECK(rdt.made && is_there(host.fd, "tin"));
	CHECK(intel_rdt_remove(&rdt, &err) == 0 && !is_there(host.fd, "tin"));
}

static void any_monitoring_makes_a_group(void)
{
	const struct config_intel_rdt configs[] = {
		{ .clos_id = "gold", .enable_monitoring = true },
		{ .clos_id = "gold", .enable_cmt = true },
		{ .clos_id = "gold", .enable_mbm = true },
	};

	for (size_t i = 0; i < sizeof(configs) / sizeof(*configs); i++) {
		auto_temporary struct temporary host = host_new();
		auto_arena struct arena arena = { 0 };
		struct intel_rdt rdt;

		CHECK(create(&host, &configs[i], &arena, &rdt) == 0);
		CHECK(is_there(host.fd, "gold/mon_groups/c1"));
		put(host.fd, "gold/mon_groups/c1/tasks", "");
		CHECK(intel_rdt_join(&rdt, 42, &err) == 0);
		CHECK_TEXT(get(host.fd, "gold/mon_groups/c1/tasks"), "42");
		CHECK(unlinkat(host.fd, "gold/mon_groups/c1/tasks", 0) == 0);
		CHECK(create(&host, &configs[i], &arena, &(struct intel_rdt){ 0 }) < 0);
		CHECK(strstr(err.text, "there is a monitoring group '") == err.text);
		CHECK(intel_rdt_remove(&rdt, &err) == 0 &&
		      !is_there(host.fd, "gold/mon_groups/c1"));
	}
}

int main(void)
{
	RUN(names_and_lines_are_checked);
	RUN(shares_are_compared_as_numbers);
	RUN(a_class_of_its_own_goes_with_the_container);
	RUN(a_class_that_was_there_stays);
	RUN(somebody_else_may_be_quicker);
	RUN(a_named_class_is_joined_as_it_is);
	RUN(a_named_class_without_shares_must_be_there);
	RUN(the_root_is_a_class);
	RUN(shares_are_written_in_order);
	RUN(shares_of_a_living_container_are_changed);
	RUN(shares_of_somebody_else_are_not_changed);
	RUN(a_class_without_its_shares_is_undone);
	RUN(any_monitoring_makes_a_group);
	return check_done();
}
