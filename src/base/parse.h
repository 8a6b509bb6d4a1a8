/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* parse - numbers from text, exact ranges, nothing but digits accepted. Pure. */

#include <stdbool.h>
#include <stdint.h>

/* Whether the whole text is a decimal number within the range; then *value is set. */
bool parse_int(const char *text, int64_t least, int64_t most, int64_t *value);
bool parse_uint(const char *text, uint64_t most, uint64_t *value);

/* The same, octal digits only, as in mode=0755. */
bool parse_octal(const char *text, uint64_t most, uint64_t *value);
