/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* io_priority - process.ioPriority; ioprio_set(2). */

struct config_process;
struct error;

/* A known class; the table has the range of the priority. */
int io_priority_check(const struct config_process *process, struct error *err);

/* For the calling process and what it makes. IOPRIO_CLASS_RT takes CAP_SYS_NICE. */
int io_priority_apply(const struct config_process *process, struct error *err);
