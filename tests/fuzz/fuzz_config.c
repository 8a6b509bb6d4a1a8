/* SPDX-License-Identifier: Apache-2.0 */

/* Any config.json: read by the tables, validated, and given to the check of every
 * feature; then all that is wrong with it, the first mistake among it. */

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "container/checks.h"
#include "container/survey.h"
#include "oci/bundle.h"
#include "oci/findings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_unknown(const char *sentence)
{
	if (strncmp(sentence, "config.json:", 12) != 0)
		abort();
}

static void create(const uint8_t *data, size_t size, struct error *err)
{
	auto_bundle struct bundle bundle = { .dirfd = -1,
					     .path = "/",
					     .file_name = "config.json" };

	text_add(&bundle.text, data, size);
	if (bundle_parse(&bundle, check_unknown, err) < 0)
		check_unknown(err->text);
	else if (checks_run(&bundle, err) < 0)
		(void)bundle_locate(&bundle, err);
}

/* A line that is cut has another text in each. */
static bool has_line(const char *lines, const struct error *err)
{
	auto_text struct text line = { 0 };

	text_put_printable(&line, err->text);
	text_put(&line, "\n");
	return strlen(err->text) > ERROR_WHERE_MAX - 32 ||
	       strstr(lines, line.data) != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct survey_rule none = { NULL, NULL, NULL, 0 };
	auto_bundle struct bundle bundle = { .dirfd = -1,
					     .path = "/",
					     .file_name = "config.json" };
	auto_findings struct findings findings = { 0 };
	auto_text struct text lines = { 0 };
	struct error err = { 0 };

	create(data, size, &err);
	text_add(&bundle.text, data, size);
	survey_run(&bundle, &none, &findings);
	findings_put_text(&findings, &lines);
	if (err.text[0] == '\0' ? findings.errors > 0 : !has_line(lines.data, &err))
		abort();
	return 0;
}
