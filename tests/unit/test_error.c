/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdbool.h>

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

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), want = strlen(end);

	return length >= want && strcmp(text + length - want, end) == 0;
}

static void keeps_the_reason_of_a_long_path(void)
{
	char path[4096], line[ERROR_TEXT_MAX + ERROR_WHERE_MAX];
	struct error err;

	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	(void)error_set(&err, ENOENT, "cannot open '%s'", path);
	CHECK(strncmp(err.text, "cannot open 'xx", 15) == 0);
	CHECK(ends_with(err.text, "xx': no such file or directory"));
	(void)error_prefix(&err, "cannot mount '%s' on '%s'", path, path);
	(void)error_hint(&err, "make it");
	CHECK(strncmp(err.text, "cannot mount 'xx", 16) == 0);
	CHECK(strstr(err.text, "xx...xx") != NULL);
	CHECK(ends_with(err.text, "xx': no such file or directory (make it)"));
	(void)error_set(&err, 0, "'%s' is not of the form NAME=value", path);
	error_format(&err, line, sizeof(line));
	CHECK(ends_with(line, "xx' is not of the form NAME=value"));
	CHECK(strlen(err.text) == ERROR_TEXT_MAX - 1);
}

static void cuts_between_characters(void)
{
	char path[3000] = "";
	struct error err;

	for (size_t shift = 0; shift < 3; shift++) {
		memset(path, 'x', shift);
		for (size_t i = shift; i + 3 < sizeof(path); i += 3)
			memcpy(path + i, "\xe2\x82\xac", 4);
		(void)error_set(&err, ENOENT, "%s", path);
		/* A whole character before the gap, and a whole one behind it. */
		CHECK(strstr(err.text, "\xac...") != NULL);
		CHECK(strstr(err.text, "...\xe2") != NULL);
	}
}

int main(void)
{
	RUN(says_what_the_code_means);
	RUN(needs_no_code);
	RUN(prefixes_and_hints);
	RUN(builds_a_json_path_from_the_inside);
	RUN(forgets_the_place_of_the_error_before);
	RUN(cuts_what_is_too_long);
	RUN(keeps_the_reason_of_a_long_path);
	RUN(cuts_between_characters);
	return check_done();
}
