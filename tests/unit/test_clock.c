/* SPDX-License-Identifier: Apache-2.0 */
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"

#include "check.h"

static void test_dates(void)
{
	static const struct {
		time_t seconds;
		const char *text;
	} cases[] = {
		{ 0, "1970-01-01T00:00:00.000000007Z" },
		{ 951782399, "2000-02-28T23:59:59.000000007Z" },
		{ 951782400, "2000-02-29T00:00:00.000000007Z" },
		{ 951868800, "2000-03-01T00:00:00.000000007Z" },
		{ 4107542399, "2100-02-28T23:59:59.000000007Z" },
		{ 4107542400, "2100-03-01T00:00:00.000000007Z" },
		{ 1735689599, "2024-12-31T23:59:59.000000007Z" },
	};
	auto_arena struct arena arena = { 0 };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct timespec time = { .tv_sec = cases[i].seconds, .tv_nsec = 7 };

		CHECK_TEXT(clock_format(&arena, &time), cases[i].text);
	}
}

/* Against the C library, a step of a prime number of seconds through 300 years. */
static void test_like_gmtime(void)
{
	for (time_t at = 0; at < 9467000000; at += 1000003) {
		auto_arena struct arena arena = { 0 };
		struct timespec time = { .tv_sec = at };
		char want[64];
		struct tm utc;

		(void)gmtime_r(&at, &utc);
		(void)strftime(want, sizeof(want), "%Y-%m-%dT%H:%M:%S.000000000Z", &utc);
		CHECK_TEXT(clock_format(&arena, &time), want);
	}
}

int main(void)
{
	RUN(test_dates);
	RUN(test_like_gmtime);
	return check_done();
}
