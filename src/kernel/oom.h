/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* oom - process.oomScoreAdj; proc(5) /proc/self/oom_score_adj. */

struct config_process;
struct error;

/* From -1000 to 1000. */
int oom_check(const struct config_process *process, struct error *err);

/* For the calling process, while the host's /proc is in view (procfd: that directory).
 * Lowering it takes CAP_SYS_RESOURCE, and the message says so. */
int oom_apply(const struct config_process *process, int procfd, struct error *err);
