/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/auto.h"
#include "check.h"
#include "container/environment.h"

/* Lists of strings that nobody writes to. */
#define WORDS(...) ((char **)(uintptr_t)(const char *const[]){ __VA_ARGS__, NULL })

static const char *joined(char *const *list)
{
	static char text[256];
	size_t used = 0;

	text[0] = '\0';
	for (; *list != NULL; list++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s;", *list);
	return text;
}

static void assignments_take_the_place(void)
{
	auto_arena struct arena arena = { 0 };

	CHECK_TEXT(joined(environment_with(&arena, WORDS("A=1", "AB=2", "B=3"),
					   WORDS("A=4", "C=5"))),
		   "AB=2;B=3;A=4;C=5;");
	CHECK_TEXT(joined(environment_with(&arena, NULL, WORDS("A=1"))), "A=1;");
	CHECK_TEXT(joined(environment_with(&arena, NULL, WORDS(NULL))), "");
}

static void of_one_name_the_last_stays_in_its_place(void)
{
	auto_arena struct arena arena = { 0 };

	CHECK_TEXT(joined(environment_with(&arena,
					   WORDS("A=1", "B=2", "A=3", "B", "=", "C=A=1"),
					   WORDS(NULL))),
		   "A=3;B;=;C=A=1;");
}

static void many_are_kept(void)
{
	auto_arena struct arena arena = { 0 };
	static char names[1000][16];
	static char *env[1001];
	char **got;

	for (size_t i = 0; i < 1000; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "NAME%zu=x", i / 2);
		env[i] = names[i];
	}
	got = environment_with(&arena, env, WORDS(NULL));
	for (size_t i = 0; i < 500; i++)
		CHECK(got[i] == names[2 * i + 1]);
	CHECK(got[500] == NULL);
}

int main(void)
{
	RUN(assignments_take_the_place);
	RUN(of_one_name_the_last_stays_in_its_place);
	RUN(many_are_kept);
	return check_done();
}
