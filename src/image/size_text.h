/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* size_text - a number of bytes for a reader: "12.3 MB", in units of 1000. Pure. */

#include <stddef.h>
#include <stdint.h>

void size_text_format(uint64_t bytes, char *text, size_t size);
