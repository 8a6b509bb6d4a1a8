/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/config_process.h"
#include "oci/config.h"
#include "oci/layout.h"

/* process, innermost first: config.md of the specification 1.3.0 is the order within each
 * table. */

/* struct winsize has 16 bits, ioctl_tty(2). */
static const struct field config_box_fields[] = {
	UINT(config_box, height, "height", RANGE(0, UINT16_MAX)),
	UINT(config_box, width, "width", RANGE(0, UINT16_MAX)),
	END,
};
LAYOUT(config_box);

static const struct field config_user_fields[] = {
	OPT_INT(config_user, uid, "uid", ID_RANGE),
	OPT_INT(config_user, gid, "gid", ID_RANGE),
	OPT_INT(config_user, umask, "umask", RANGE(0, 0777)),
	OPT_INTS(config_user, additional_gids, "additionalGids", ID_RANGE),
	END,
};
LAYOUT(config_user);

static const struct field config_capabilities_fields[] = {
	OPT_STRINGS(config_capabilities, bounding, "bounding"),
	OPT_STRINGS(config_capabilities, permitted, "permitted"),
	OPT_STRINGS(config_capabilities, effective, "effective"),
	OPT_STRINGS(config_capabilities, inheritable, "inheritable"),
	OPT_STRINGS(config_capabilities, ambient, "ambient"),
	END,
};
LAYOUT(config_capabilities);

static const struct field config_rlimit_fields[] = {
	STRING(config_rlimit, type, "type"),
	UINT(config_rlimit, soft, "soft"),
	UINT(config_rlimit, hard, "hard"),
	END,
};
LAYOUT(config_rlimit);

static const struct field config_scheduler_fields[] = {
	STRING(config_scheduler, policy, "policy"),
	OPT_INT(config_scheduler, nice, "nice", RANGE(INT32_MIN, INT32_MAX)),
	OPT_INT(config_scheduler, priority, "priority", RANGE(INT32_MIN, INT32_MAX)),
	OPT_STRINGS(config_scheduler, flags, "flags"),
	OPT_UINT(config_scheduler, runtime, "runtime"),
	OPT_UINT(config_scheduler, deadline, "deadline"),
	OPT_UINT(config_scheduler, period, "period"),
	END,
};
LAYOUT(config_scheduler);

static const struct field config_io_priority_fields[] = {
	STRING(config_io_priority, class, "class"),
	OPT_INT(config_io_priority, priority, "priority", RANGE(0, 7)),
	END,
};
LAYOUT(config_io_priority);

static const struct field config_affinity_fields[] = {
	OPT_STRING(config_affinity, initial, "initial"),
	OPT_STRING(config_affinity, final, "final"),
	END,
};
LAYOUT(config_affinity);

static const struct field config_process_fields[] = {
	OPT_BOOL(config_process, terminal, "terminal"),
	OPT_OBJECT(config_process, console_size, "consoleSize", config_box),
	STRING(config_process, cwd, "cwd"),
	OPT_STRINGS(config_process, env, "env"),
	OPT_STRINGS(config_process, args, "args"),
	OPT_ARRAY(config_process, rlimits, "rlimits", config_rlimit),
	OPT_STRING(config_process, apparmor_profile, "apparmorProfile"),
	OPT_OBJECT(config_process, capabilities, "capabilities", config_capabilities),
	OPT_BOOL(config_process, no_new_privileges, "noNewPrivileges"),
	OPT_INT(config_process, oom_score_adj, "oomScoreAdj"),
	OPT_OBJECT(config_process, scheduler, "scheduler", config_scheduler),
	OPT_STRING(config_process, selinux_label, "selinuxLabel"),
	OPT_OBJECT(config_process, io_priority, "ioPriority", config_io_priority),
	OPT_OBJECT(config_process, exec_cpu_affinity, "execCPUAffinity", config_affinity),
	OPT_OBJECT(config_process, user, "user", config_user),
	END,
};
LAYOUT_SHARED(config_process);
