/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"
#include "base/text.h"
#include "check.h"
#include "container/ps.h"

static const pid_t list[] = { 7, 1234 };
static const struct ps_pids pids = { list, 2 };

static void the_lines_of_the_pids_are_left(void)
{
	static const struct {
		const char *lines, *table;
	} rows[] = {
		{ "UID   PID  CMD\nroot    1  7 1234\nroot    7  sh -c 1\nroot 1234  x\n",
		  "UID   PID  CMD\nroot    7  sh -c 1\nroot 1234  x\n" },
		{ "  PID\n    7\n   71\n\n", "  PID\n    7\n" },
		{ "CMD PID\na 7\nb 8", "CMD PID\na 7\n" },
		{ "PPID\tPID\n7\t1\n1\t7", "PPID\tPID\n1\t7" },
		{ "PID", "PID\n" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		auto_text struct text table = { 0 };
		struct error err = { 0 };

		CHECK(ps_filter(rows[i].lines, &pids, &table, &err) == 0);
		CHECK_TEXT(table.data, rows[i].table);
	}
}

static void what_has_no_pids_is_an_error(void)
{
	static const struct {
		const char *lines, *text;
	} rows[] = {
		{ "", "couldn't find PID field in ps output" },
		{ "\nPID\n", "couldn't find PID field in ps output" },
		{ "PPID LPID\n1 2\n", "couldn't find PID field in ps output" },
		{ "CMD PID\na b 7\n", "unable to parse pid 'b' in ps output" },
		{ "CMD PID\na\n", "unable to parse pid '' in ps output" },
		{ "PID\n99999999999\n",
		  "unable to parse pid '99999999999' in ps output" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		auto_text struct text table = { 0 };
		struct error err = { 0 };

		CHECK(ps_filter(rows[i].lines, &pids, &table, &err) < 0);
		CHECK_TEXT(err.text, rows[i].text);
	}
}

int main(void)
{
	RUN(the_lines_of_the_pids_are_left);
	RUN(what_has_no_pids_is_an_error);
	return check_done();
}
