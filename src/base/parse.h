/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* parse - numbers from text, exact ranges, nothing but digits accepted, and units of
 * sizes. Pure. */

#include <stdbool.h>
#include <stdint.h>

/* Whether the whole text is a decimal number within the range; then *value is set. */
bool parse_int(const char *text, int64_t least, int64_t most, int64_t *value);
bool parse_uint(const char *text, uint64_t most, uint64_t *value);

/* Bytes, as Docker's tools read them: "1048576", "64k", "1.5GiB", "10 MB"; units of 1024,
 * up to p, in either case. */
bool parse_bytes(const char *text, int64_t *bytes);

/* The same, octal digits only, as in mode=0755. */
bool parse_octal(const char *text, uint64_t most, uint64_t *value);
