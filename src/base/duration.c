/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <string.h>

#include "base/duration.h"
#include "base/names.h"

/* The negative end of the range, which is one further than the positive. */
static const uint64_t magnitude_max = UINT64_C(1) << 63;

static const struct name units[] = {
	{ "ns", 1 },
	{ "us", 1000 },
	{ "\xc2\xb5s", 1000 }, /* U+00B5, the micro sign */
	{ "\xce\xbcs", 1000 }, /* U+03BC, the Greek letter */
	{ "ms", 1000 * 1000 },
	{ "s", INT64_C(1000) * 1000 * 1000 },
	{ "m", INT64_C(60) * 1000 * 1000 * 1000 },
	{ "h", INT64_C(3600) * 1000 * 1000 * 1000 },
	{ NULL, 0 },
};

static bool is_digit(char character)
{
	return character >= '0' && character <= '9';
}

static bool read_whole(const char **at, uint64_t *whole)
{
	for (*whole = 0; is_digit(**at); ++*at) {
		if (__builtin_mul_overflow(*whole, 10, whole) ||
		    __builtin_add_overflow(*whole, (uint64_t)(**at - '0'), whole) ||
		    *whole > magnitude_max)
			return false;
	}
	return true;
}

/* What stands behind the point as digits / scale; digits that no nanosecond depends on
 * are dropped. */
static void read_fraction(const char **at, uint64_t *digits, double *scale)
{
	bool is_full = false;

	*digits = 0;
	*scale = 1;
	for (; is_digit(**at); ++*at) {
		uint64_t longer;

		is_full = is_full || *digits > (uint64_t)INT64_MAX / 10;
		if (is_full)
			continue;
		longer = *digits * 10 + (uint64_t)(**at - '0');
		is_full = longer > magnitude_max;
		if (is_full)
			continue;
		*digits = longer;
		*scale *= 10;
	}
}

static uint64_t read_unit(const char **at)
{
	char word[4] = "";
	size_t length = strcspn(*at, ".0123456789");
	const struct name *unit;

	if (length >= sizeof(word))
		return 0;
	memcpy(word, *at, length);
	*at += length;
	unit = name_find(units, word);
	return unit == NULL ? 0 : (uint64_t)unit->value;
}

/* "1.5h" is added to *sum. */
static bool read_part(const char **at, uint64_t *sum)
{
	const char *start = *at;
	uint64_t whole, digits = 0, unit;
	double scale = 1;
	bool has_digits;

	if (!read_whole(at, &whole))
		return false;
	has_digits = *at > start;
	if (**at == '.') {
		start = ++*at;
		read_fraction(at, &digits, &scale);
		has_digits = has_digits || *at > start;
	}
	unit = has_digits ? read_unit(at) : 0;
	if (unit == 0 || whole > magnitude_max / unit)
		return false;
	/* Floating point, so that it is rounded as there: "0.3333333333333333333h" is 20
	 * minutes. */
	whole = whole * unit + (uint64_t)((double)digits * ((double)unit / scale));
	return !__builtin_add_overflow(*sum, whole, sum) && whole <= magnitude_max &&
	       *sum <= magnitude_max;
}

bool duration_parse(const char *text, int64_t *nanoseconds)
{
	bool is_negative = *text == '-';
	uint64_t sum = 0;

	text += *text == '-' || *text == '+';
	if (strcmp(text, "0") == 0) {
		*nanoseconds = 0;
		return true;
	}
	if (*text == '\0')
		return false;
	while (*text != '\0') {
		if (!read_part(&text, &sum))
			return false;
	}
	if (!is_negative && sum == magnitude_max)
		return false;
	*nanoseconds = (int64_t)(is_negative ? 0 - sum : sum);
	return true;
}
