/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "base/parse.h"
#include "check.h"

static void takes_the_whole_range_of_64_bits(void)
{
	uint64_t number;
	int64_t value;

	CHECK(parse_uint("18446744073709551615", UINT64_MAX, &number) &&
	      number == UINT64_MAX);
	CHECK(parse_int("-9223372036854775808", INT64_MIN, INT64_MAX, &value) &&
	      value == INT64_MIN);
	CHECK(parse_int("9223372036854775807", INT64_MIN, INT64_MAX, &value) &&
	      value == INT64_MAX);
	CHECK(parse_uint("007", 7, &number) && number == 7);
	CHECK(parse_int("-0", 0, 0, &value) && value == 0);
}

static void refuses_one_more(void)
{
	uint64_t number = 5;
	int64_t value = 5;

	CHECK(!parse_uint("18446744073709551616", UINT64_MAX, &number));
	CHECK(!parse_uint("99999999999999999999999", UINT64_MAX, &number));
	CHECK(!parse_int("-9223372036854775809", INT64_MIN, INT64_MAX, &value));
	CHECK(!parse_int("9223372036854775808", INT64_MIN, INT64_MAX, &value));
	CHECK(!parse_uint("11", 10, &number));
	CHECK(!parse_int("-1", 0, 10, &value));
	CHECK(!parse_int("11", 0, 10, &value));
	CHECK(number == 5 && value == 5);
}

static void refuses_all_but_digits(void)
{
	static const char *const bad[] = { "",    "-",   "+1",  " 1",  "1 ", "1.0",
					   "0x1", "1e3", "--1", "1-2", "a",  "\xd9\xa1" };
	uint64_t number;
	int64_t value;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		CHECK(!parse_int(bad[i], INT64_MIN, INT64_MAX, &value));
		CHECK(!parse_uint(bad[i], UINT64_MAX, &number));
		CHECK(!parse_octal(bad[i], UINT64_MAX, &number));
	}
	CHECK(!parse_uint("-1", UINT64_MAX, &number));
}

static void reads_octal(void)
{
	uint64_t number;

	CHECK(parse_octal("0755", 07777, &number) && number == 0755);
	CHECK(parse_octal("1777", 07777, &number) && number == 01777);
	CHECK(!parse_octal("8", 07777, &number));
	CHECK(!parse_octal("10000", 07777, &number));
}

int main(void)
{
	RUN(takes_the_whole_range_of_64_bits);
	RUN(refuses_one_more);
	RUN(refuses_all_but_digits);
	RUN(reads_octal);
	return check_done();
}
