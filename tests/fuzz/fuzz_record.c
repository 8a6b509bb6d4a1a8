/* SPDX-License-Identifier: Apache-2.0 */

/* Any state.json: what is read can be written, and read again as the same. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "container/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_text struct text text = { 0 }, written = { 0 }, again = { 0 };
	auto_arena struct arena arena = { 0 };
	struct record record;
	struct error err = { 0 };

	text_add(&text, data, size);
	if (record_read(&record, &arena, &text, &err) < 0)
		return 0;
	record_write(&record, &written);
	if (record_read(&record, &arena, &written, &err) < 0)
		abort();
	record_write(&record, &again);
	if (strcmp(written.data, again.data) != 0)
		abort();
	return 0;
}
