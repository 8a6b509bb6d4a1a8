/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/ioprio.h>
#include <stddef.h>

#include "base/error.h"
#include "base/names.h"
#include "base/syscalls.h"
#include "kernel/io_priority.h"
#include "oci/config.h"

static const struct name classes[] = {
	{ "IOPRIO_CLASS_BE", IOPRIO_CLASS_BE },
	{ "IOPRIO_CLASS_IDLE", IOPRIO_CLASS_IDLE },
	{ "IOPRIO_CLASS_RT", IOPRIO_CLASS_RT },
	{ NULL, 0 },
};

int io_priority_check(const struct config_process *process, struct error *err)
{
	const struct config_io_priority *wanted = process->io_priority;

	if (wanted == NULL || name_find(classes, wanted->class) != NULL)
		return 0;
	error_set(err, 0, "unknown class '%s'", wanted->class);
	return error_at(err, "process.ioPriority.class");
}

int io_priority_apply(const struct config_process *process, struct error *err)
{
	const struct config_io_priority *wanted = process->io_priority;
	int value;

	if (wanted == NULL)
		return 0;
	value = (int)IOPRIO_PRIO_VALUE(name_find(classes, wanted->class)->value,
				       wanted->priority);
	if (sys_ioprio_set(IOPRIO_WHO_PROCESS, 0, value) == 0)
		return 0;
	error_set(err, errno, "cannot set the class '%s'", wanted->class);
	if (err->code == EPERM)
		error_hint(err, "it takes CAP_SYS_NICE");
	return error_at(err, "process.ioPriority");
}
