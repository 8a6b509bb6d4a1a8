/* SPDX-License-Identifier: Apache-2.0 */
#include "base/names.h"
#include "check.h"

static const struct name table[] = {
	{ "KILL", 9 },
	{ "SIGKILL", 9 },
	{ "minus", -1 },
	{ NULL, 0 },
};

static void finds_by_the_whole_text(void)
{
	const struct name *name = name_find(table, "SIGKILL");

	CHECK(name != NULL && name->value == 9);
	CHECK(name_find(table, "SIG") == NULL);
	CHECK(name_find(table, "kill") == NULL);
	CHECK(name_find(table, "") == NULL);
}

static void finds_the_first_of_a_value(void)
{
	CHECK_TEXT(name_text(table, 9), "KILL");
	CHECK_TEXT(name_text(table, -1), "minus");
	CHECK(name_text(table, 0) == NULL);
}

int main(void)
{
	RUN(finds_by_the_whole_text);
	RUN(finds_the_first_of_a_value);
	return check_done();
}
