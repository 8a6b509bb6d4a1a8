/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "check.h"
#include "kernel/rlimits.h"
#include "oci/config.h"

static int check_limits(const struct config_rlimit *limits, size_t count,
			struct error *err)
{
	const struct config_process process = { .rlimits = limits,
						.rlimits_count = count };

	*err = (struct error){ 0 };
	return rlimits_check(&process, err);
}

static void none_and_known_ones_pass(void)
{
	const struct config_rlimit limits[] = { { "RLIMIT_CORE", 0, 1 },
						{ "RLIMIT_NOFILE", 7, 7 },
						{ "RLIMIT_AS", 1, UINT64_MAX } };
	struct error err;

	CHECK(check_limits(NULL, 0, &err) == 0);
	CHECK(check_limits(limits, 3, &err) == 0);
}

static void unknown_name_is_refused_with_its_place(void)
{
	const struct config_rlimit limits[] = { { "RLIMIT_CORE", 0, 1 },
						{ "RLIMIT_CORES", 0, 1 } };
	struct error err;

	CHECK(check_limits(limits, 2, &err) < 0);
	CHECK_TEXT(err.text, "unknown limit 'RLIMIT_CORES'");
	CHECK_TEXT(err.where, "process.rlimits[1].type");
}

static void repetition_is_refused(void)
{
	const struct config_rlimit limits[] = { { "RLIMIT_CORE", 0, 1 },
						{ "RLIMIT_CPU", 0, 1 },
						{ "RLIMIT_CORE", 0, 1 } };
	struct error err;

	CHECK(check_limits(limits, 3, &err) < 0);
	CHECK_TEXT(err.text, "'RLIMIT_CORE' is given twice");
	CHECK_TEXT(err.where, "process.rlimits[2].type");
}

static void soft_above_hard_is_refused(void)
{
	const struct config_rlimit limits[] = { { "RLIMIT_CPU", 2, 1 } };
	struct error err;

	CHECK(check_limits(limits, 1, &err) < 0);
	CHECK_TEXT(err.text, "'RLIMIT_CPU' has a soft limit above the hard one");
	CHECK_TEXT(err.where, "process.rlimits[0].soft");
}

/* Exit status 0: the limits are as asked. */
static int apply_in_child(void)
{
	const struct config_rlimit limits[] = { { "RLIMIT_CORE", 0, 0 },
						{ "RLIMIT_NOFILE", 16, 32 } };
	const struct config_process process = { .rlimits = limits, .rlimits_count = 2 };
	struct rlimit found;
	struct error err = { 0 };

	if (rlimits_apply(&process, &err) < 0)
		return 1;
	if (getrlimit(RLIMIT_NOFILE, &found) < 0 || found.rlim_cur != 16 ||
	    found.rlim_max != 32)
		return 2;
	return getrlimit(RLIMIT_CORE, &found) == 0 && found.rlim_max == 0 ? 0 : 3;
}

static void limits_are_set(void)
{
	pid_t child = fork();
	int status = 0;

	if (child == 0)
		_exit(apply_in_child());
	CHECK(waitpid(child, &status, 0) == child && status == 0);
}

static void failure_names_the_limit(void)
{
	/* Above fs.nr_open nobody may go, with whatever capability. */
	const struct config_rlimit limits[] = { { "RLIMIT_NOFILE", 1, UINT64_MAX } };
	const struct config_process process = { .rlimits = limits, .rlimits_count = 1 };
	struct error err = { 0 };

	CHECK(rlimits_apply(&process, &err) < 0);
	CHECK(err.code == EPERM);
	CHECK(strstr(err.text, "cannot set 'RLIMIT_NOFILE' to 1:18446744073709551615") ==
	      err.text);
	CHECK_TEXT(err.where, "process.rlimits[0]");
}

int main(void)
{
	RUN(none_and_known_ones_pass);
	RUN(unknown_name_is_refused_with_its_place);
	RUN(repetition_is_refused);
	RUN(soft_above_hard_is_refused);
	RUN(limits_are_set);
	RUN(failure_names_the_limit);
	return check_done();
}
