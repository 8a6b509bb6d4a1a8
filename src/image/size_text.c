/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "image/size_text.h"

void size_text_format(uint64_t bytes, char *text, size_t size)
{
	static const char *const units[] = { "bytes", "kB", "MB", "GB", "TB" };
	double value = (double)bytes;
	size_t unit = 0;

	while (value >= 1000 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		value /= 1000;
		unit++;
	}
	(void)snprintf(text, size, "%.*f %s", unit == 0 || value >= 100 ? 0 : 1, value,
		       units[unit]);
}
