/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <string.h>

#include "base/names.h"

const struct name *name_find(const struct name *table, const char *text)
{
	for (; table->text != NULL; table++) {
		if (strcmp(table->text, text) == 0)
			return table;
	}
	return NULL;
}

const char *name_text(const struct name *table, int64_t value)
{
	for (; table->text != NULL; table++) {
		if (table->value == value)
			return table->text;
	}
	return NULL;
}
