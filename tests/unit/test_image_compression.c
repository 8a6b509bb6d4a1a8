/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"
#include "image/compression.h"

#include "check.h"

static struct error err;

static void the_words(void)
{
	static const struct {
		const char *text;
		enum compression_kind kind;
		int level;
		const char *suffix;
	} cases[] = {
		{ "none", COMPRESSION_NONE, 0, "" },
		{ "gzip", COMPRESSION_GZIP, 0, "+gzip" },
		{ "gzip:1", COMPRESSION_GZIP, 1, "+gzip" },
		{ "gzip:9", COMPRESSION_GZIP, 9, "+gzip" },
		{ "zstd", COMPRESSION_ZSTD, 0, "+zstd" },
		{ "zstd:19", COMPRESSION_ZSTD, 19, "+zstd" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct compression compression = { 0 };

		CHECK(compression_parse(&compression, cases[i].text, &err) == 0);
		CHECK(compression.kind == cases[i].kind);
		CHECK(compression.level == cases[i].level);
		CHECK_TEXT(compression_suffix(&compression), cases[i].suffix);
	}
}

static void what_none_is(void)
{
	static const char *const cases[][2] = {
		{ "", "option '--compress': '' is not none, gzip or zstd" },
		{ "gz", "option '--compress': 'gz' is not none, gzip or zstd" },
		{ "gzip2", "option '--compress': 'gzip2' is not none, gzip or zstd" },
		{ "none:1", "option '--compress': 'none' has no levels" },
		{ "gzip:10", "option '--compress': the level of 'gzip:10' is a number "
			     "from 1 to 9" },
		{ "zstd:", "option '--compress': the level of 'zstd:' is a number from 1 "
			   "to 19" },
		{ "zstd:-1", "option '--compress': the level of 'zstd:-1' is a number "
			     "from 1 to 19" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct compression compression = { 0 };

		CHECK(compression_parse(&compression, cases[i][0], &err) < 0);
		CHECK_TEXT(err.text, cases[i][1]);
	}
}

int main(void)
{
	RUN(the_words);
	RUN(what_none_is);
	return check_done();
}
