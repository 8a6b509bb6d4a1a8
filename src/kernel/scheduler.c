/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <linux/sched/types.h>
#include <stdbool.h>

#include "base/error.h"
#include "base/names.h"
#include "base/syscalls.h"
#include "kernel/scheduler.h"
#include "oci/config.h"

static const struct name policies[] = {
	{ "SCHED_BATCH", SCHED_BATCH },
	{ "SCHED_DEADLINE", SCHED_DEADLINE },
	{ "SCHED_FIFO", SCHED_FIFO },
	{ "SCHED_IDLE", SCHED_IDLE },
	{ "SCHED_ISO", 4 }, /* reserved: EINVAL of every kernel so far */
	{ "SCHED_OTHER", SCHED_NORMAL },
	{ "SCHED_RR", SCHED_RR },
	{ NULL, 0 },
};

static const struct name flags[] = {
	{ "SCHED_FLAG_DL_OVERRUN", SCHED_FLAG_DL_OVERRUN },
	{ "SCHED_FLAG_KEEP_PARAMS", SCHED_FLAG_KEEP_PARAMS },
	{ "SCHED_FLAG_KEEP_POLICY", SCHED_FLAG_KEEP_POLICY },
	{ "SCHED_FLAG_RECLAIM", SCHED_FLAG_RECLAIM },
	{ "SCHED_FLAG_RESET_ON_FORK", SCHED_FLAG_RESET_ON_FORK },
	{ "SCHED_FLAG_UTIL_CLAMP_MAX", SCHED_FLAG_UTIL_CLAMP_MAX },
	{ "SCHED_FLAG_UTIL_CLAMP_MIN", SCHED_FLAG_UTIL_CLAMP_MIN },
	{ NULL, 0 },
};

static int refuse(struct error *err, const char *member, const char *why)
{
	(void)error_set(err, 0, "%s", why);
	return error_at(err, "process.scheduler.%s", member);
}

static int check_flags(char *const *words, struct error *err)
{
	for (size_t i = 0; words != NULL && words[i] != NULL; i++) {
		if (name_find(flags, words[i]) != NULL)
			continue;
		error_set(err, 0, "unknown flag '%s'", words[i]);
		return error_at(err, "process.scheduler.flags[%zu]", i);
	}
	return 0;
}

static int check_parameters(const struct config_scheduler *scheduler, int64_t policy,
			    struct error *err)
{
	bool is_real_time = policy == SCHED_FIFO || policy == SCHED_RR;
	bool is_deadline = policy == SCHED_DEADLINE;

	if (scheduler->nice < -20 || scheduler->nice > 19)
		return refuse(err, "nice", "not between -20 and 19");
	if (is_real_time && (scheduler->priority < 1 || scheduler->priority > 99))
		return refuse(err, "priority",
			      "SCHED_FIFO and SCHED_RR need one from 1 to 99");
	if (!is_real_time && scheduler->priority != 0)
		return refuse(err, "priority", "only for SCHED_FIFO and SCHED_RR");
	if (!is_deadline && scheduler->runtime != 0)
		return refuse(err, "runtime", "only for SCHED_DEADLINE");
	if (!is_deadline && scheduler->deadline != 0)
		return refuse(err, "deadline", "only for SCHED_DEADLINE");
	if (!is_deadline && scheduler->period != 0)
		return refuse(err, "period", "only for SCHED_DEADLINE");
	return 0;
}

int scheduler_check(const struct config_process *process, struct error *err)
{
	const struct config_scheduler *scheduler = process->scheduler;
	const struct name *policy;

	if (scheduler == NULL)
		return 0;
	policy = name_find(policies, scheduler->policy);
	if (policy == NULL) {
		error_set(err, 0, "unknown policy '%s'", scheduler->policy);
		return error_at(err, "process.scheduler.policy");
	}
	if (check_flags(scheduler->flags, err) < 0)
		return -1;
	return check_parameters(scheduler, policy->value, err);
}

static struct sched_attr attributes(const struct config_scheduler *scheduler)
{
	struct sched_attr attr = {
		.size = sizeof(attr),
		.sched_policy = (uint32_t)name_find(policies, scheduler->policy)->value,
		.sched_nice = (int32_t)scheduler->nice,
		.sched_priority = (uint32_t)scheduler->priority,
		.sched_runtime = scheduler->runtime,
		.sched_deadline = scheduler->deadline,
		.sched_period = scheduler->period,
	};

	for (char **word = scheduler->flags; word != NULL && *word != NULL; word++)
		attr.sched_flags |= (uint64_t)name_find(flags, *word)->value;
	return attr;
}

int scheduler_apply(const struct config_process *process, enum scheduler_part part,
		    struct error *err)
{
	const struct config_scheduler *scheduler = process->scheduler;
	struct sched_attr attr;
	bool is_deadline, resets;

	if (scheduler == NULL)
		return 0;
	attr = attributes(scheduler);
	is_deadline = attr.sched_policy == SCHED_DEADLINE;
	resets = (attr.sched_flags & SCHED_FLAG_RESET_ON_FORK) != 0;
	if (part == SCHEDULER_INHERITED ? is_deadline : !is_deadline && !resets)
		return 0;
	if (part == SCHEDULER_INHERITED)
		attr.sched_flags &= ~(uint64_t)SCHED_FLAG_RESET_ON_FORK;
	if (sys_sched_setattr(&attr) == 0)
		return 0;
	error_set(err, errno, "cannot set the policy '%s'", scheduler->policy);
	if (err->code == EPERM)
		error_hint(err, "takes CAP_SYS_NICE, a real-time policy also time in the "
				"cgroup, SCHED_DEADLINE all processors");
	return error_at(err, "process.scheduler");
}
