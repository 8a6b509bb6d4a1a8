/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "base/duration.h"
#include "check.h"

#define SECOND INT64_C(1000000000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)

/* Those of Go's own test among them. */
static const struct {
	const char *text;
	int64_t nanoseconds;
} good[] = {
	{ "0", 0 },
	{ "-0", 0 },
	{ "+0", 0 },
	{ "0s", 0 },
	{ "5s", 5 * SECOND },
	{ "100ms", 100000000 },
	{ "1m30s", 90 * SECOND },
	{ "1478s", 1478 * SECOND },
	{ "+5s", 5 * SECOND },
	{ "-5s", -5 * SECOND },
	{ "5.0s", 5 * SECOND },
	{ "5.6s", 5600000000 },
	{ "5.s", 5 * SECOND },
	{ ".5s", 500000000 },
	{ "1.0040s", 1004000000 },
	{ "100.00100s", 100001000000 },
	{ "10ns", 10 },
	{ "11us", 11000 },
	{ "12\xc2\xb5s", 12000 },
	{ "12\xce\xbcs", 12000 },
	{ "13ms", 13000000 },
	{ "15m", 15 * MINUTE },
	{ "16h", 16 * HOUR },
	{ "10.5s4m", 4 * MINUTE + 10500000000 },
	{ "-2m3.4s", -(2 * MINUTE + 3400000000) },
	{ "1h2m3s4ms5us6ns", HOUR + 2 * MINUTE + 3 * SECOND + 4005006 },
	{ "39h9m14.425s", 39 * HOUR + 9 * MINUTE + 14425000000 },
	{ "52763797000ns", 52763797000 },
	{ "0.3333333333333333333h", 20 * MINUTE },
	{ "0.100000000000000000000h", 6 * MINUTE },
	{ "0.830103483285477580700h", 49 * MINUTE + 48 * SECOND + 372539827 },
	{ "9007199254740993ns", INT64_C(9007199254740993) },
	{ "9223372036854775807ns", INT64_MAX },
	{ "9223372036854775.807us", INT64_MAX },
	{ "9223372036s854ms775us807ns", INT64_MAX },
	{ "-9223372036854775808ns", INT64_MIN },
	{ "-9223372036854775.808us", INT64_MIN },
	{ "-9223372036s854ms775us808ns", INT64_MIN },
	{ "-2562047h47m16.854775808s", INT64_MIN },
};

static const char *const bad[] = {
	"",
	"3",
	"-",
	"+",
	"s",
	".",
	"-.",
	".s",
	"+.s",
	"1d",
	"5 s",
	" 5s",
	"5s ",
	"5S",
	"--5s",
	"5s-4s",
	"1e3s",
	"0x1s",
	"00",
	"5",
	"5s5",
	"1.2.3s",
	"1hour",
	"\x85\x85",
	"5\xff\xff",
	"hello \xff\xff world",
	"9223372036854775810ns",
	"9223372036854775808ns",
	"-9223372036854775809ns",
	"9223372036854776us",
	"3000000h",
	"9223372036854775.808us",
	"9223372036854ms775us808ns",
	"99999999999999999999999999s",
	"9223372036854775807ns9223372036854775807ns9223372036854775807ns",
};

static void reads_what_go_reads(void)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		int64_t nanoseconds = -1;

		CHECK(duration_parse(good[i].text, &nanoseconds));
		if (nanoseconds != good[i].nanoseconds)
			printf("# '%s': %lld\n", good[i].text, (long long)nanoseconds);
		CHECK(nanoseconds == good[i].nanoseconds);
	}
}

static void refuses_the_rest_and_sets_nothing(void)
{
	int64_t nanoseconds = 7;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (duration_parse(bad[i], &nanoseconds))
			printf("# '%s' was taken\n", bad[i]);
		CHECK(nanoseconds == 7);
	}
}

int main(void)
{
	RUN(reads_what_go_reads);
	RUN(refuses_the_rest_and_sets_nothing);
	return check_done();
}
