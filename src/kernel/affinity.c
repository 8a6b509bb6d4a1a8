/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/bitset.h"
#include "base/error.h"
#include "kernel/affinity.h"
#include "oci/config.h"

static bool is_given(const char *list)
{
	return list != NULL && list[0] != '\0';
}

static int check_list(const char *list, const char *member, struct error *err)
{
	struct bitset processors;

	if (!is_given(list) || bitset_parse(&processors, list))
		return 0;
	error_set(err, 0, "'%.64s' is not a list as \"0-3,7\"", list);
	return error_at(err, "process.execCPUAffinity.%s", member);
}

int affinity_check(const struct config_process *process, struct error *err)
{
	const struct config_affinity *affinity = process->exec_cpu_affinity;

	if (affinity == NULL)
		return 0;
	if (check_list(affinity->initial, "initial", err) < 0)
		return -1;
	return check_list(affinity->final, "final", err);
}

/* The kernel takes away the processors that the cgroup or the host does not have. */
static int set(const struct bitset *processors)
{
	return sched_setaffinity(0, sizeof(processors->words),
				 (const cpu_set_t *)processors->words);
}

static int set_list(const char *list, const char *member, struct error *err)
{
	struct bitset processors;

	(void)bitset_parse(&processors, list);
	if (set(&processors) == 0)
		return 0;
	error_set(err, errno, "cannot run on the processors '%s'", list);
	if (err->code == EINVAL)
		error_hint(err, "none of them is there for the container");
	return error_at(err, "process.execCPUAffinity.%s", member);
}

int affinity_begin(const struct config_affinity *affinity, struct error *err)
{
	if (affinity == NULL || !is_given(affinity->initial))
		return 0;
	return set_list(affinity->initial, "initial", err);
}

int affinity_end(const struct config_affinity *affinity, struct error *err)
{
	struct bitset all;

	if (affinity != NULL && is_given(affinity->final))
		return set_list(affinity->final, "final", err);
	if (affinity != NULL && is_given(affinity->initial))
		return 0;
	/* Also those that come later: the kernel keeps what is asked for, and the cgroup
	 * may get more. It is no reason to fail: a policy (SCHED_DEADLINE) may forbid it.
	 */
	bitset_fill(&all);
	(void)set(&all);
	return 0;
}
