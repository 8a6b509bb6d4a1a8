/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* scheduler - process.scheduler: policy and its parameters; sched_setattr(2), sched(7).
 */

struct config_process;
struct error;

/* A known policy and known flags, and no parameter that is another policy's. */
int scheduler_check(const struct config_process *process, struct error *err);

enum scheduler_part {
	SCHEDULER_INHERITED, /* all but SCHED_DEADLINE and SCHED_FLAG_RESET_ON_FORK */
	SCHEDULER_WHOLE,     /* that as well, if it is wanted */
};

/* For the calling process; SCHED_OTHER and its peers with a higher nice value need no
 * capability, nor does what is set already; all else takes the host's CAP_SYS_NICE. */
int scheduler_apply(const struct config_process *process, enum scheduler_part part,
		    struct error *err);
