/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "container/activation.h"

static char own_pid[16];

static int count_with(const char *pid, const char *count)
{
	CHECK(setenv("LISTEN_PID", pid, 1) == 0 && setenv("LISTEN_FDS", count, 1) == 0);
	return activation_count();
}

static void only_what_is_for_us_counts(void)
{
	CHECK(activation_count() == 0);
	CHECK(count_with(own_pid, "3") == 3);
	CHECK(count_with("1", "3") == 0);
	CHECK(count_with("", "3") == 0);
	CHECK(count_with(own_pid, "") == 0);
	CHECK(count_with(own_pid, "-1") == 0);
	CHECK(count_with(own_pid, "4097") == 0);
	CHECK(count_with(own_pid, "3x") == 0);
}

static void the_environment_says_how_many(void)
{
	char first[] = "A=1", stale[] = "LISTEN_PID=1", want[32];
	char *env[] = { first, stale, NULL };
	char **got;

	CHECK(activation_environment(0, env) == env);
	(void)snprintf(want, sizeof(want), "LISTEN_PID=%s", own_pid);
	CHECK(setenv("LISTEN_FDNAMES", "web:log", 1) == 0);
	got = activation_environment(2, env);
	CHECK_TEXT(got[0], "A=1");
	CHECK_TEXT(got[1], "LISTEN_FDS=2");
	CHECK_TEXT(got[2], want);
	CHECK_TEXT(got[3], "LISTEN_FDNAMES=web:log");
	CHECK(got[4] == NULL);
	CHECK(unsetenv("LISTEN_FDNAMES") == 0);
	got = activation_environment(1, NULL);
	CHECK_TEXT(got[0], "LISTEN_FDS=1");
	CHECK(got[2] == NULL);
}

int main(void)
{
	(void)unsetenv("LISTEN_PID");
	(void)snprintf(own_pid, sizeof(own_pid), "%d", getpid());
	RUN(only_what_is_for_us_counts);
	RUN(the_environment_says_how_many);
	return check_done();
}
