/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "base/error.h"
#include "check.h"

static void says_what_the_code_means(void)
{
	struct error err;

	CHECK(error_set(&err, ENOENT, "cannot open '%s'", "x") == -1);
	CHECK_TEXT(err.text, "cannot open 'x': no such file or directory");
	CHECK(err.code == ENOENT);
	(void)error_set(&err, EIO, "a");
	CHECK_TEXT(err.text, "a: input/output error");
}

static void needs_no_code(void)
{
	struct error err;

	CHECK(error_set(&err, 0, "'%s' is given twice", "a") == -1);
	CHECK_TEXT(err.text, "'a' is given twice");
}

static void prefixes_and_hints(void)
{
	struct error err;

	(void)error_set(&err, 0, "text");
	CHECK(error_prefix(&err, "step %d", 3) == -1);
	CHECK(error_hint(&err, "try %s", "that") == -1);
	CHECK_TEXT(err.text, "step 3: text (try that)");
}

static void builds_a_json_path_from_the_inside(void)
{
	struct error err;
	char line[64];

	(void)error_set(&err, 0, "missing");
	CHECK_TEXT(err.where, "");
	error_format(&err, line, sizeof(line));
	CHECK_TEXT(line, "missing");
	CHECK(error_at(&err, "soft") == -1);
	(void)error_at(&err, "[%d]", 2);
	(void)error_at(&err, "rlimits");
	(void)error_at(&err, "process");
	CHECK_TEXT(err.where, "process.rlimits[2].soft");
	error_format(&err, line, sizeof(line));
	CHECK_TEXT(line, "process.rlimits[2].soft: missing");
}

static void forgets_the_place_of_the_error_before(void)
{
	struct error err;

	(void)error_set(&err, 0, "one");
	(void)error_at(&err, "a");
	(void)error_set(&err, 0, "two");
	CHECK_TEXT(err.where, "");
}

static void cuts_what_is_too_long(void)
{
	char longest[2000];
	struct error err;

	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	(void)error_set(&err, ENOENT, "%s", longest);
	(void)error_prefix(&err, "%s", longest);
	(void)error_hint(&err, "%s", longest);
	(void)error_at(&err, "%s", longest);
	(void)error_at(&err, "%s", longest);
	CHECK(strlen(err.text) == ERROR_TEXT_MAX - 1);
	CHECK(strlen(err.where) == ERROR_WHERE_MAX - 1);
}

int main(void)
{
	RUN(says_what_the_code_means);
	RUN(needs_no_code);
	RUN(prefixes_and_hints);
	RUN(builds_a_json_path_from_the_inside);
	RUN(forgets_the_place_of_the_error_before);
	RUN(cuts_what_is_too_long);
	return check_done();
}
