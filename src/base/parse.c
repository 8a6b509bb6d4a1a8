/* SPDX-License-Identifier: Apache-2.0 */
#include "base/parse.h"

static bool parse_base(const char *text, unsigned base, uint64_t most, uint64_t *value)
{
	uint64_t sum = 0;

	if (*text == '\0')
		return false;
	for (; *text != '\0'; text++) {
		unsigned digit = (unsigned char)*text - (unsigned)'0';

		if (digit >= base || __builtin_mul_overflow(sum, base, &sum) ||
		    __builtin_add_overflow(sum, digit, &sum))
			return false;
	}
	if (sum > most)
		return false;
	*value = sum;
	return true;
}

bool parse_uint(const char *text, uint64_t most, uint64_t *value)
{
	return parse_base(text, 10, most, value);
}

bool parse_octal(const char *text, uint64_t most, uint64_t *value)
{
	return parse_base(text, 8, most, value);
}

bool parse_int(const char *text, int64_t least, int64_t most, int64_t *value)
{
	const uint64_t magnitude_max = (uint64_t)INT64_MAX + (*text == '-');
	uint64_t magnitude;
	int64_t number;

	if (!parse_base(*text == '-' ? text + 1 : text, 10, magnitude_max, &magnitude))
		return false;
	number = (int64_t)(*text == '-' ? 0 - magnitude : magnitude);
	if (number < least || number > most)
		return false;
	*value = number;
	return true;
}
