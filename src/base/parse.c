/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <string.h>
#include <strings.h>

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

/* The exponent of 2; -1 for what is no unit. */
static int unit_of(const char *text)
{
	static const char letters[] = "kmgtp";
	const char *letter = *text == '\0' ? NULL : strchr(letters, *text | ('a' ^ 'A'));

	if (letter != NULL)
		text++;
	if (*text != '\0' && strcasecmp(text, "b") != 0 &&
	    (letter == NULL || strcasecmp(text, "ib") != 0))
		return -1;
	return letter == NULL ? 0 : 10 * (int)(letter - letters + 1);
}

bool parse_bytes(const char *text, int64_t *bytes)
{
	size_t digits = strspn(text, "0123456789");
	const char *rest = text + digits;
	double fraction = 0, place = 1;
	char whole[32] = "";
	uint64_t value;
	int unit;

	if (digits >= sizeof(whole))
		return false;
	memcpy(whole, text, digits);
	if (*rest == '.') {
		for (rest++; *rest >= '0' && *rest <= '9'; rest++)
			fraction += (*rest - '0') * (place /= 10);
	}
	unit = unit_of(*rest == ' ' ? rest + 1 : rest);
	if (unit < 0 || !parse_uint(whole, (uint64_t)INT64_MAX >> unit, &value))
		return false;
	value = (value << unit) + (uint64_t)(fraction * (double)(UINT64_C(1) << unit));
	if (value > INT64_MAX)
		return false;
	*bytes = (int64_t)value;
	return true;
}
