/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "check.h"
#include "kernel/io_priority.h"
#include "oci/config.h"

static struct error err;

static int with(const char *class,
		int (*function)(const struct config_process *, struct error *))
{
	const struct config_io_priority priority = { class, 7 };
	const struct config_process process = { .io_priority = &priority };

	err = (struct error){ 0 };
	return function(&process, &err);
}

static void classes_are_known_by_name(void)
{
	const struct config_process none = { 0 };

	CHECK(io_priority_check(&none, &err) == 0 && io_priority_apply(&none, &err) == 0);
	CHECK(with("IOPRIO_CLASS_RT", io_priority_check) == 0);
	CHECK(with("IOPRIO_CLASS_BE", io_priority_check) == 0);
	CHECK(with("IOPRIO_CLASS_IDLE", io_priority_check) == 0);
	CHECK(with("IOPRIO_CLASS_NONE", io_priority_check) < 0);
	CHECK_TEXT(err.text, "unknown class 'IOPRIO_CLASS_NONE'");
	CHECK_TEXT(err.where, "process.ioPriority.class");
}

/* Lowering is open to everybody. */
static void the_class_is_set(void)
{
	int status = -1;
	pid_t child = fork();

	if (child == 0)
		_exit(with("IOPRIO_CLASS_IDLE", io_priority_apply) != 0);
	CHECK(waitpid(child, &status, 0) == child && status == 0);
}

int main(void)
{
	RUN(classes_are_known_by_name);
	RUN(the_class_is_set);
	return check_done();
}
