/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>

#include "base/similar.h"
#include "check.h"

static void distances_are_right(void)
{
	static const struct {
		const char *a, *b;
		size_t distance;
	} rows[] = {
		{ "", "", 0 },
		{ "", "abc", 3 },
		{ "abc", "", 3 },
		{ "args", "args", 0 },
		{ "readOnly", "readonly", 0 },
		{ "rlimit", "rlimits", 1 },
		{ "evn", "env", 1 },
		{ "swapiness", "swappiness", 1 },
		{ "rootPropagation", "rootfsPropagation", 2 },
		{ "hsotnmae", "hostname", 2 },
		{ "kitten", "sitting", 3 },
		{ "cwd", "path", 4 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK(similar_distance(rows[i].a, rows[i].b) == rows[i].distance);
		CHECK(similar_distance(rows[i].b, rows[i].a) == rows[i].distance);
	}
}

static void long_words_are_like_nothing(void)
{
	char word[66];

	memset(word, 'a', sizeof(word) - 1);
	word[65] = '\0';
	CHECK(similar_distance(word, word) == SIZE_MAX);
	CHECK(similar_distance("a", word) == SIZE_MAX);
	CHECK(similar_distance(word, "a") == SIZE_MAX);
	word[64] = '\0';
	CHECK(similar_distance(word, word) == 0);
	CHECK(similar_distance(word, "") == 64);
}

static void a_third_may_be_wrong(void)
{
	CHECK(similar_most("") == 0);
	CHECK(similar_most("a") == 1);
	CHECK(similar_most("evn") == 1);
	CHECK(similar_most("swapiness") == 3);
}

int main(void)
{
	RUN(distances_are_right);
	RUN(long_words_are_like_nothing);
	RUN(a_third_may_be_wrong);
	return check_done();
}
