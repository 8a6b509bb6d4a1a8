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

static void reads_sizes(void)
{
	static const struct {
		const char *text;
		int64_t bytes;
	} good[] = {
		{ "0", 0 },
		{ "1048576", 1048576 },
		{ "9223372036854775807", INT64_MAX },
		{ "5b", 5 },
		{ "5B", 5 },
		{ "64k", 64 << 10 },
		{ "64 K", 64 << 10 },
		{ "10MB", 10 << 20 },
		{ "10mib", 10 << 20 },
		{ "1.5GiB", (int64_t)3 << 29 },
		{ "0.25 t", (int64_t)1 << 38 },
		{ "1.9", 1 },
		{ "2.p", (int64_t)2 << 50 },
		{ "8191P", (int64_t)8191 << 50 },
	};
	static const char *const bad[] = {
		"",
		"-1",
		"k",
		"1x",
		"1kx",
		"1kbb",
		"1bk",
		"1  k",
		"1 k ",
		".",
		"1..5k",
		"1ki",
		"1bib",
		"+1",
		"0x10",
		"8192p",
		".5k",
		" 1",
		"1e3",
		"1,5k",
		"9223372036854775808",
		"99999999999999999999999999999999999999",
	};
	int64_t bytes;

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		bytes = -1;
		CHECK(parse_bytes(good[i].text, &bytes));
		CHECK(bytes == good[i].bytes);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		CHECK(!parse_bytes(bad[i], &bytes));
}

int main(void)
{
	RUN(reads_sizes);
	RUN(takes_the_whole_range_of_64_bits);
	RUN(refuses_one_more);
	RUN(refuses_all_but_digits);
	RUN(reads_octal);
	return check_done();
}
