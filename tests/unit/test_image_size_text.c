/* SPDX-License-Identifier: Apache-2.0 */
#include "image/size_text.h"

#include "check.h"

static void units(void)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {
		{ 0, "0 bytes" },
		{ 999, "999 bytes" },
		{ 1000, "1.0 kB" },
		{ 123456, "123 kB" },
		{ 2100000, "2.1 MB" },
		{ UINT64_C(3500000000), "3.5 GB" },
		{ UINT64_MAX, "18446744 TB" },
	};
	char text[32];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_text_format(cases[i].bytes, text, sizeof(text));
		CHECK_TEXT(text, cases[i].text);
	}
}

int main(void)
{
	RUN(units);
	return check_done();
}
