/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/program.h"
#include "base/text.h"
#include "check.h"

static struct error err;
static struct text output;

static int run_script(const char *script, const char *input, int timeout)
{
	char name[] = "sh", option[] = "-c", path[] = "PATH=/usr/bin:/bin";
	char *const arguments[] = { name, option, strdup(script), NULL };
	char *const environment[] = { path, NULL };
	auto_text struct text told = { 0 };
	const struct program program = { .path = "/bin/sh",
					 .arguments = arguments,
					 .environment = environment,
					 .input = &told,
					 .output = &output,
					 .timeout = timeout };
	int status;

	text_release(&output);
	output = (struct text){ 0 };
	text_put(&told, input);
	err = (struct error){ 0 };
	status = program_run(&program, &err);
	free(arguments[2]);
	return status;
}

static void it_is_told_and_heard(void)
{
	CHECK(run_script("cat; echo two >&2", "one\n", 0) == 0);
	CHECK_TEXT(output.data, "one\ntwo\n");
	CHECK(run_script("exit 3", "one", 0) == 3);
	CHECK(run_script("kill -9 $$", "one", 0) == 128 + SIGKILL);
}

static void more_than_a_pipe_holds_goes_both_ways(void)
{
	static char much[300000];

	memset(much, 'x', sizeof(much) - 1);
	CHECK(run_script("cat; cat", much, 0) == 0);
	CHECK(output.length == 4096);
	CHECK(run_script("wc -c", much, 0) == 0);
	CHECK_TEXT(output.data, "299999\n");
	CHECK(run_script("exec <&-; true", much, 0) == 0);
}

static void what_takes_too_long_is_killed(void)
{
	CHECK(run_script("exec sleep 1000", "", 1) < 0);
	CHECK(err.code == ETIMEDOUT);
	CHECK_TEXT(err.text, "'/bin/sh' took more than 1 s");
}

static void what_cannot_be_executed_is_named(void)
{
	char name[] = "x";
	char *const arguments[] = { name, NULL };
	const struct text nothing = { 0 };
	const struct program program = { .path = "/nope",
					 .arguments = arguments,
					 .environment = arguments + 1,
					 .input = &nothing,
					 .output = &output };

	CHECK(program_run(&program, &err) < 0);
	CHECK(err.code == ENOENT);
}

static void no_descriptor_of_ours_reaches_it(void)
{
	int fd = dup(STDERR_FILENO);

	CHECK(run_script("ls /proc/self/fd | wc -l", "", 0) == 0);
	CHECK_TEXT(output.data, "4\n");
	(void)close(fd);
}

int main(void)
{
	RUN(it_is_told_and_heard);
	RUN(more_than_a_pipe_holds_goes_both_ways);
	RUN(what_takes_too_long_is_killed);
	RUN(what_cannot_be_executed_is_named);
	RUN(no_descriptor_of_ours_reaches_it);
	text_release(&output);
	return check_done();
}
