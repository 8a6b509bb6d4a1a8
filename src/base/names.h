/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* names - tables that pair a word of the configuration with a kernel constant. */

#include <stdint.h>

struct name {
	const char *text; /* NULL ends the table */
	int64_t value;
};

/* The entry with that text, or NULL. */
const struct name *name_find(const struct name *table, const char *text);

/* The text of the first entry with that value, or NULL. */
const char *name_text(const struct name *table, int64_t value);
