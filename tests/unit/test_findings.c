/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "check.h"
#include "oci/findings.h"

static const struct finding later = { FINDING_ERROR, 3, 9, "process.cwd", "bad", 0 };
static const struct finding sooner = {
	FINDING_WARNING, 3, 2, "x\n", "unknown member", 0
};
static const struct finding placeless = { FINDING_ERROR, 0, 0, "", "no cgroup", 0 };

static void nothing_is_said_of_nothing(void)
{
	auto_findings struct findings findings = { .file_name = "config.json" };
	auto_text struct text text = { 0 }, json = { 0 };

	findings_put_text(&findings, &text);
	CHECK_TEXT(text.data, "config.json: no problem found\n");
	findings_put_json(&findings, &json);
	CHECK_TEXT(json.data, "[]\n");
}

static void the_order_is_that_of_the_file(void)
{
	auto_findings struct findings findings = { .file_name = "config.json" };
	auto_text struct text text = { 0 };

	CHECK(findings_add(&findings, &placeless));
	CHECK(findings_add(&findings, &later));
	CHECK(findings_add(&findings, &sooner));
	CHECK(findings_add(&findings, &later)); /* said once */
	findings_sort(&findings);
	findings_put_text(&findings, &text);
	CHECK_TEXT(text.data, "config.json:3:2: warning: x\\x0a: unknown member\n"
			      "config.json:3:9: process.cwd: bad\n"
			      "no cgroup\n"
			      "config.json: 2 errors, 1 warning\n");
	CHECK(findings_have_error(&findings, "process"));
	CHECK(findings_have_error(&findings, "process.cwd"));
	CHECK(!findings_have_error(&findings, "process.c"));
	CHECK(!findings_have_error(&findings, "x"));
}

static void json_has_a_line_where_there_is_one(void)
{
	auto_findings struct findings findings = { .file_name = "config.json" };
	auto_text struct text text = { 0 };

	(void)findings_add(&findings, &sooner);
	(void)findings_add(&findings, &placeless);
	findings_put_json(&findings, &text);
	CHECK_TEXT(text.data,
		   "[{\"level\":\"warning\",\"file\":\"config.json\",\"line\":3,"
		   "\"column\":2,\"path\":\"x\\n\",\"message\":\"unknown member\"},"
		   "{\"level\":\"error\",\"file\":\"config.json\",\"path\":\"\","
		   "\"message\":\"no cgroup\"}]\n");
}

static void to_the_strict_a_warning_is_an_error(void)
{
	auto_findings struct findings findings = { .is_strict = true };

	(void)findings_add(&findings, &sooner);
	CHECK(findings.errors == 1 && findings.warnings == 0);
	CHECK(findings.list[0].level == FINDING_ERROR);
}

static void there_is_an_end(void)
{
	auto_findings struct findings findings = { .file_name = "config.json" };
	auto_text struct text text = { 0 };
	struct finding finding = later;

	for (finding.line = 1; finding.line <= FINDINGS_MAX; finding.line++)
		CHECK(findings_add(&findings, &finding));
	CHECK(!findings_add(&findings, &finding));
	CHECK(findings_add(&findings, &later)); /* which is there */
	findings_put_text(&findings, &text);
	CHECK(strstr(text.data, "config.json: there may be more problems\n"
				"config.json: 1000 errors, 0 warnings\n") != NULL);
}

int main(void)
{
	RUN(nothing_is_said_of_nothing);
	RUN(the_order_is_that_of_the_file);
	RUN(json_has_a_line_where_there_is_one);
	RUN(to_the_strict_a_warning_is_an_error);
	RUN(there_is_an_end);
	return check_done();
}
