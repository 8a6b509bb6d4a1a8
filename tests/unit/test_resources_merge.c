/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "check.h"
#include "oci/json.h"
#include "oci/json_write.h"
#include "oci/resources_merge.h"

static struct json *parse(struct arena *arena, const char *text)
{
	struct error err;

	return json_parse(arena, text, strlen(text), &err);
}

static void check_merge(const char *resources, const char *asked, const char *want)
{
	auto_arena struct arena arena = { 0 };
	auto_text struct text got = { 0 };
	struct json_writer *writer = json_writer_new(NULL);
	struct json *into = parse(&arena, resources);

	resources_merge(&arena, into, parse(&arena, asked));
	json_put_tree(writer, NULL, into);
	json_writer_finish(writer, &got);
	CHECK(got.length > 0);
	got.data[got.length - 1] = '\0';
	CHECK_TEXT(got.data, want);
}

static void members_are_added_and_changed(void)
{
	check_merge("{}", "{}", "{}");
	check_merge("{}", "{\"cpu\":{\"quota\":5000}}", "{\"cpu\":{\"quota\":5000}}");
	check_merge("{\"cpu\":{\"period\":10000,\"quota\":5000},\"pids\":{\"limit\":1}}",
		    "{\"cpu\":{\"quota\":-1,\"cpus\":\"0-3\"}}",
		    "{\"cpu\":{\"period\":10000,\"quota\":-1,\"cpus\":\"0-3\"},"
		    "\"pids\":{\"limit\":1}}");
	check_merge("{\"memory\":null}", "{\"memory\":{\"limit\":1}}",
		    "{\"memory\":{\"limit\":1}}");
	check_merge("{\"unified\":{\"a.b\":\"1\"}}",
		    "{\"unified\":{\"a.b\":\"2\",\"c.d\":\"0\",\"e.f\":\"\"}}",
		    "{\"unified\":{\"a.b\":\"2\",\"c.d\":\"0\",\"e.f\":\"\"}}");
	check_merge("{\"rdma\":{\"mlx\":{\"hcaHandles\":3}}}",
		    "{\"rdma\":{\"mlx\":{\"hcaHandles\":0,\"hcaObjects\":4}}}",
		    "{\"rdma\":{\"mlx\":{\"hcaHandles\":0,\"hcaObjects\":4}}}");
}

/* "update" of Docker says all of it always. */
static void what_is_not_set_leaves_what_is_there(void)
{
	check_merge(
		"{\"memory\":{\"limit\":9,\"reservation\":8,\"swap\":10},"
		"\"cpu\":{\"shares\":7,\"quota\":6,\"period\":5,\"cpus\":\"1\"},"
		"\"blockIO\":{\"weight\":10},\"network\":{\"classID\":4}}",
		"{\"memory\":{\"limit\":0,\"reservation\":0,\"swap\":0,\"kernel\":0},"
		"\"cpu\":{\"shares\":0,\"quota\":0,\"period\":0,\"realtimeRuntime\":0,"
		"\"realtimePeriod\":0,\"cpus\":\"\",\"mems\":\"\"},"
		"\"blockIO\":{\"weight\":0,\"leafWeight\":0},\"pids\":null,"
		"\"network\":{\"classID\":0}}",
		"{\"memory\":{\"limit\":9,\"reservation\":8,\"swap\":10},"
		"\"cpu\":{\"shares\":7,\"quota\":6,\"period\":5,\"cpus\":\"1\"},"
		"\"blockIO\":{\"weight\":10},\"network\":{\"classID\":4}}");
}

static void a_nought_that_counts_is_taken(void)
{
	check_merge("{\"cpu\":{\"idle\":1,\"burst\":9},\"memory\":{\"swappiness\":60,"
		    "\"checkBeforeUpdate\":true},\"pids\":{\"limit\":5}}",
		    "{\"cpu\":{\"idle\":0,\"burst\":0},\"memory\":{\"swappiness\":0,"
		    "\"checkBeforeUpdate\":false},\"pids\":{\"limit\":0}}",
		    "{\"cpu\":{\"idle\":0,\"burst\":0},\"memory\":{\"swappiness\":0,"
		    "\"checkBeforeUpdate\":false},\"pids\":{\"limit\":0}}");
}

static void of_a_list_the_element_of_that_name_is_changed(void)
{
	check_merge(
		"{\"blockIO\":{\"throttleReadBpsDevice\":["
		"{\"major\":8,\"minor\":0,\"rate\":1},{\"major\":8,\"minor\":1,\"rate\":2}]}}",
		"{\"blockIO\":{\"throttleReadBpsDevice\":["
		"{\"major\":8,\"minor\":1,\"rate\":0},{\"major\":9,\"minor\":1,\"rate\":3}]}}",
		"{\"blockIO\":{\"throttleReadBpsDevice\":["
		"{\"major\":8,\"minor\":0,\"rate\":1},{\"major\":8,\"minor\":1,\"rate\":0},"
		"{\"major\":9,\"minor\":1,\"rate\":3}]}}");
	check_merge(
		"{\"blockIO\":{\"weightDevice\":[{\"major\":8,\"minor\":0,\"weight\":10,"
		"\"leafWeight\":20}]}}",
		"{\"blockIO\":{\"weightDevice\":[{\"major\":8,\"minor\":0,\"weight\":30,"
		"\"leafWeight\":null}]}}",
		"{\"blockIO\":{\"weightDevice\":[{\"major\":8,\"minor\":0,\"weight\":30,"
		"\"leafWeight\":20}]}}");
	check_merge("{\"hugepageLimits\":[{\"pageSize\":\"2MB\",\"limit\":1}]}",
		    "{\"hugepageLimits\":[{\"pageSize\":\"1GB\",\"limit\":2},"
		    "{\"pageSize\":\"2MB\",\"limit\":0}]}",
		    "{\"hugepageLimits\":[{\"pageSize\":\"2MB\",\"limit\":0},"
		    "{\"pageSize\":\"1GB\",\"limit\":2}]}");
	check_merge("{}",
		    "{\"network\":{\"priorities\":[{\"name\":\"lo\",\"priority\":1}]}}",
		    "{\"network\":{\"priorities\":[{\"name\":\"lo\",\"priority\":1}]}}");
	check_merge("{\"devices\":[{\"allow\":false},{\"allow\":true,\"type\":\"c\"}]}",
		    "{\"devices\":[{\"allow\":false}]}",
		    "{\"devices\":[{\"allow\":false}]}");
}

static void no_limit_on_memory_is_none_on_swap(void)
{
	check_merge("{\"memory\":{\"limit\":5,\"swap\":9}}",
		    "{\"memory\":{\"limit\":-1}}",
		    "{\"memory\":{\"limit\":-1,\"swap\":null}}");
	check_merge("{\"memory\":{\"limit\":5,\"swap\":9}}",
		    "{\"memory\":{\"limit\":-1,\"swap\":0}}",
		    "{\"memory\":{\"limit\":-1,\"swap\":null}}");
	check_merge("{\"memory\":{\"limit\":5,\"swap\":9}}",
		    "{\"memory\":{\"limit\":-1,\"swap\":7}}",
		    "{\"memory\":{\"limit\":-1,\"swap\":7}}");
	check_merge("{}", "{\"memory\":{\"limit\":-1}}", "{\"memory\":{\"limit\":-1}}");
}

int main(void)
{
	RUN(members_are_added_and_changed);
	RUN(what_is_not_set_leaves_what_is_there);
	RUN(a_nought_that_counts_is_taken);
	RUN(of_a_list_the_element_of_that_name_is_changed);
	RUN(no_limit_on_memory_is_none_on_swap);
	return check_done();
}
