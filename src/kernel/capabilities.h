/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * capabilities - process.capabilities: the five sets. Absent: every set empty, as the
 * specification's "no capabilities". Contract: capabilities(7).
 */

struct config_process;
struct error;

/* Known names ("CAP_…"), and none that this process cannot give (said by name). Ambient
 * within permitted and inheritable, effective within permitted. */
int capabilities_check(const struct config_process *process, struct error *err);

/* Before the uid changes: drops from the bounding set, keeps the rest over setuid(2)
 * (PR_SET_KEEPCAPS). Only bits that are set are dropped. */
int capabilities_bound(const struct config_process *process, struct error *err);

/* After the uid changed: effective, permitted, inheritable, then ambient. */
int capabilities_apply(const struct config_process *process, struct error *err);

/* All names that the running kernel knows, lower than CAP_LAST_CAP; NULL ends it. */
const char *const *capabilities_names(void);
