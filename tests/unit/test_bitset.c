/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bitset.h"
#include "check.h"

static struct bitset set;

static void lists_are_read(void)
{
	CHECK(bitset_parse(&set, "0-3,7") && set.words[0] == 0x8f);
	CHECK(bitset_parse(&set, "7,0-3") && set.words[0] == 0x8f);
	CHECK(bitset_parse(&set, "64") && set.words[64 / BITSET_WORD] != 0);
	CHECK(bitset_parse(&set, "8191,63-64,63"));
	CHECK(bitset_parse(&set, "00001") && set.words[0] == 2);
	CHECK(bitset_parse(&set, "0-8191"));
	CHECK(!bitset_is_empty(&set));
	CHECK(bitset_parse(&set, "") && bitset_is_empty(&set));
}

static void what_is_no_list_is_not(void)
{
	static const char *const bad[] = {
		",",
		"0,",
		",0",
		"0,,1",
		"-",
		"-1",
		"1-",
		"3-2",
		"0-1-2",
		" 0",
		"0 ",
		"0;1",
		"a",
		"0x1",
		"8192",
		"0-8192",
		"18446744073709551616",
		"4294967296",
		"+1",
		"all",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(!bitset_parse(&set, bad[i]));
}

static void a_full_set_has_all(void)
{
	bitset_fill(&set);
	for (size_t i = 0; i < sizeof(set.words) / sizeof(set.words[0]); i++)
		CHECK(set.words[i] == ~0UL);
}

int main(void)
{
	RUN(lists_are_read);
	RUN(what_is_no_list_is_not);
	RUN(a_full_set_has_all);
	return check_done();
}
