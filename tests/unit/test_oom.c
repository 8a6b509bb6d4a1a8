/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "check.h"
#include "kernel/oom.h"
#include "oci/config.h"

static struct error err;

static int check_score(int64_t score)
{
	const struct config_process process = { .oom_score_adj = &score };

	err = (struct error){ 0 };
	return oom_check(&process, &err);
}

static void the_range_is_exact(void)
{
	const struct config_process none = { 0 };

	CHECK(oom_check(&none, &err) == 0);
	CHECK(check_score(-1000) == 0);
	CHECK(check_score(1000) == 0);
	CHECK(check_score(-1001) < 0);
	CHECK_TEXT(err.text, "-1001 is not between -1000 and 1000");
	CHECK_TEXT(err.where, "process.oomScoreAdj");
	CHECK(check_score(1001) < 0);
	CHECK(check_score(INT64_MIN) < 0);
}

static int apply_in_child(int64_t score)
{
	const struct config_process process = { .oom_score_adj = &score };
	auto_close int procfd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	auto_file FILE *file = NULL;
	long found;

	err = (struct error){ 0 };
	if (oom_apply(&process, procfd, &err) < 0)
		return 1;
	file = fopen("/proc/self/oom_score_adj", "re");
	return file != NULL && fscanf(file, "%ld", &found) == 1 && found == score ? 0 : 2;
}

/* Raising is open to everybody. */
static void the_score_is_set(void)
{
	int status = -1;
	pid_t child = fork();

	if (child == 0)
		_exit(apply_in_child(1000));
	CHECK(waitpid(child, &status, 0) == child && status == 0);
}

int main(void)
{
	RUN(the_range_is_exact);
	RUN(the_score_is_set);
	return check_done();
}
