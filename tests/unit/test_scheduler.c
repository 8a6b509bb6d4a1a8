/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"
#include "check.h"
#include "kernel/scheduler.h"
#include "oci/config.h"

static struct error err;

static int check_with(const struct config_scheduler *scheduler)
{
	const struct config_process process = { .scheduler = scheduler };

	err = (struct error){ 0 };
	return scheduler_check(&process, &err);
}

static void policies_with_their_parameters_pass(void)
{
	static const struct config_scheduler good[] = {
		{ .policy = "SCHED_OTHER", .nice = -20 },
		{ .policy = "SCHED_BATCH", .nice = 19 },
		{ .policy = "SCHED_IDLE" },
		{ .policy = "SCHED_ISO" },
		{ .policy = "SCHED_FIFO", .priority = 1 },
		{ .policy = "SCHED_RR", .priority = 99 },
		{ .policy = "SCHED_DEADLINE", .runtime = 1, .deadline = 2, .period = 3 },
	};

	CHECK(check_with(NULL) == 0);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		CHECK(check_with(&good[i]) == 0);
}

static void parameters_of_another_policy_are_refused(void)
{
	static const struct {
		struct config_scheduler scheduler;
		const char *where, *text;
	} bad[] = {
		{ { .policy = "SCHED_NORMAL" },
		  "policy",
		  "unknown policy 'SCHED_NORMAL'" },
		{ { .policy = "SCHED_OTHER", .nice = 20 },
		  "nice",
		  "not between -20 and 19" },
		{ { .policy = "SCHED_IDLE", .nice = -21 },
		  "nice",
		  "not between -20 and 19" },
		{ { .policy = "SCHED_OTHER", .priority = 1 },
		  "priority",
		  "only for SCHED_FIFO and SCHED_RR" },
		{ { .policy = "SCHED_FIFO" },
		  "priority",
		  "SCHED_FIFO and SCHED_RR need one from 1 to 99" },
		{ { .policy = "SCHED_RR", .priority = 100 },
		  "priority",
		  "SCHED_FIFO and SCHED_RR need one from 1 to 99" },
		{ { .policy = "SCHED_OTHER", .runtime = 1 },
		  "runtime",
		  "only for SCHED_DEADLINE" },
		{ { .policy = "SCHED_OTHER", .deadline = 1 },
		  "deadline",
		  "only for SCHED_DEADLINE" },
		{ { .policy = "SCHED_OTHER", .period = 1 },
		  "period",
		  "only for SCHED_DEADLINE" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK(check_with(&bad[i].scheduler) < 0);
		CHECK_TEXT(err.where + strlen("process.scheduler."), bad[i].where);
		CHECK_TEXT(err.text, bad[i].text);
	}
}

static void flags_are_known_by_name(void)
{
	char known[] = "SCHED_FLAG_RESET_ON_FORK", unknown[] = "SCHED_FLAG_X";
	char *flags[] = { known, unknown, NULL };
	const struct config_scheduler scheduler = { .policy = "SCHED_IDLE",
						    .flags = flags };

	CHECK(check_with(&scheduler) < 0);
	CHECK_TEXT(err.where, "process.scheduler.flags[1]");
	CHECK_TEXT(err.text, "unknown flag 'SCHED_FLAG_X'");
	flags[1] = NULL;
	CHECK(check_with(&scheduler) == 0);
}

int main(void)
{
	RUN(policies_with_their_parameters_pass);
	RUN(parameters_of_another_policy_are_refused);
	RUN(flags_are_known_by_name);
	return check_done();
}
