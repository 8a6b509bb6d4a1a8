/* SPDX-License-Identifier: Apache-2.0 */

/* Any config.json: read by the tables, validated, and given to the check of every
 * feature. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "container/checks.h"
#include "oci/bundle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_unknown(const char *sentence)
{
	if (strncmp(sentence, "config.json:", 12) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_bundle struct bundle bundle = { .dirfd = -1,
					     .path = "/",
					     .file_name = "config.json" };
	struct error err = { 0 };

	text_add(&bundle.text, data, size);
	if (bundle_parse(&bundle, check_unknown, &err) < 0) {
		check_unknown(err.text);
		return 0;
	}
	if (checks_run(&bundle, &err) < 0)
		(void)bundle_locate(&bundle, &err);
	return 0;
}
