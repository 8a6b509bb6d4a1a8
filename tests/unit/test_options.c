/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "base/error.h"
#include "check.h"
#include "cli/command.h"
#include "cli/options.h"

static const struct command_option table[] = {
	{ "root", 'r', "DIR", "" },      { "env", 'e', "NAME=VALUE", "" },
	{ "label", 0, "LABEL", "" },     { "force", 'f', NULL, "" },
	{ "quiet", 'q', NULL, "" },      { "preserve-fds", 0, "N", "" },
	{ "preserve-all", 0, NULL, "" }, { NULL, 0, NULL, NULL },
};

enum { WORDS_MAX = 512 };

/* getopt_long(3) moves words about: each case has a list of its own. */
static char *words[WORDS_MAX];
static struct options options;
static struct error err;

/* The words of a line, parted by blanks; "''" is an empty one. */
static int parse(enum options_mode mode, const char *line)
{
	static char text[8192];
	size_t count = 0;

	(void)snprintf(text, sizeof(text), "verb %s", line);
	for (char *word = strtok(text, " "); word != NULL; word = strtok(NULL, " "))
		words[count++] = strcmp(word, "''") == 0 ? word + 2 : word;
	words[count] = NULL;
	return options_parse(&options, table, words, mode, &err);
}

static void has(const char *name, const char *value)
{
	const char *got = options_text(&options, name);

	CHECK_TEXT(got == NULL ? "(absent)" : got, value == NULL ? "(absent)" : value);
}

/* The operands, joined by blanks. */
static void has_operands(const char *want)
{
	char got[256] = "";
	int count = 0;

	for (; options.operands[count] != NULL; count++)
		(void)snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%s",
			       count > 0 ? " " : "", options.operands[count]);
	CHECK(count == options.operands_count);
	CHECK_TEXT(got, want);
}

static void takes_every_spelling(void)
{
	static const char *const spellings[] = {
		"--root /x", "--root=/x", "-r /x", "-r/x", "--roo /x", "-fr /x", "-fqr/x",
	};

	for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
		for (int mode = OPTIONS_ANYWHERE; mode <= OPTIONS_PAYLOAD; mode++) {
			CHECK(parse((enum options_mode)mode, spellings[i]) == 0);
			has("root", "/x");
			has("env", NULL);
			has_operands("");
		}
	}
	CHECK(options_has(&options, "force") && options_has(&options, "quiet"));
}

static void takes_letters_in_a_bundle(void)
{
	CHECK(parse(OPTIONS_ANYWHERE, "-qf id") == 0);
	CHECK(options_has(&options, "quiet") && options_has(&options, "force"));
	has("quiet", "");
	has_operands("id");
}

static void takes_the_value_as_it_is(void)
{
	CHECK(parse(OPTIONS_ANYWHERE, "--env=A=b=c --label --force --root -") == 0);
	has("env", "A=b=c");
	has("label", "--force");
	has("root", "-");
	has("force", NULL);
	CHECK(parse(OPTIONS_ANYWHERE, "--label= --env ''") == 0);
	has("label", "");
	has("env", "");
}

static void keeps_what_is_repeated(void)
{
	CHECK(parse(OPTIONS_ANYWHERE, "-e A=1 --root /x -e B=2 --root=/y") == 0);
	has("root", "/y");
	CHECK(options.given_count == 4);
	CHECK_TEXT(options.given[0].value, "A=1");
	CHECK_TEXT(options.given[2].value, "B=2");
	CHECK_TEXT(options.given[2].name, "env");
}

static void refuses_with_a_sentence(void)
{
	static const struct {
		const char *line, *sentence;
	} bad[] = {
		{ "--nothing", "unknown option '--nothing'" },
		{ "--nothing=x", "unknown option '--nothing=x'" },
		{ "-x", "unknown option '-x'" },
		{ "-fx", "unknown option '-x'" },
		{ "--pres 1", "unknown option '--pres'" },
		{ "--root", "option '--root' needs a value" },
		{ "id -r", "option '-r' needs a value" },
		{ "--force=yes", "option '--force=yes' takes no value" },
		{ "--root=", "option '--root': its value is empty" },
		{ "--root ''", "option '--root': its value is empty" },
		{ "-r ''", "option '--root': its value is empty" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK(parse(OPTIONS_ANYWHERE, bad[i].line) == -1);
		CHECK_TEXT(err.text, bad[i].sentence);
	}
}

static void refuses_more_than_there_is_room_for(void)
{
	char line[OPTIONS_MAX * 3 + 4] = "";

	for (int i = 0; i < OPTIONS_MAX; i++)
		memcpy(line + i * 3, "-f ", 4);
	CHECK(parse(OPTIONS_ANYWHERE, line) == 0);
	memcpy(line + OPTIONS_MAX * 3, "-f", 3);
	CHECK(parse(OPTIONS_ANYWHERE, line) == -1);
	CHECK_TEXT(err.text, "more than 256 options");
}

static void finds_options_behind_the_operands(void)
{
	CHECK(parse(OPTIONS_ANYWHERE, "id --force KILL -r /x") == 0);
	CHECK(options_has(&options, "force"));
	has("root", "/x");
	has_operands("id KILL");
	CHECK(parse(OPTIONS_ANYWHERE, "id -- --force") == 0);
	has("force", NULL);
	has_operands("id --force");
}

static void stops_at_the_verb(void)
{
	CHECK(parse(OPTIONS_VERB, "--root /x list --force -x") == 0);
	has("root", "/x");
	has("force", NULL);
	has_operands("list --force -x");
	CHECK(parse(OPTIONS_VERB, "--force -- --root") == 0);
	has("root", NULL);
	has_operands("--root");
}

static void leaves_the_command_its_options(void)
{
	static const struct {
		const char *line, *root, *operands;
	} good[] = {
		{ "id", NULL, "id" },
		{ "--root /x id ls -l", "/x", "id ls -l" },
		{ "id --root /x ls -l --force", "/x", "id ls -l --force" },
		{ "--root /w id --root=/x ls --root=/y", "/x", "id ls --root=/y" },
		{ "id -- ls -l", NULL, "id ls -l" },
		{ "id --root /x -- --env", "/x", "id --env" },
		{ "id ls -- -l", NULL, "id ls -- -l" },
		{ "-- id ls --root /x", NULL, "id ls --root /x" },
		{ "-- --root ls", NULL, "--root ls" },
		{ "id --root /x", "/x", "id" },
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		CHECK(parse(OPTIONS_PAYLOAD, good[i].line) == 0);
		has("root", good[i].root);
		has("force", NULL);
		has_operands(good[i].operands);
	}
	CHECK(parse(OPTIONS_PAYLOAD, "id -x ls") == -1);
	CHECK_TEXT(err.text, "unknown option '-x'");
}

static void reads_numbers(void)
{
	int value = 7;

	CHECK(parse(OPTIONS_ANYWHERE, "id") == 0);
	CHECK(options_number(&options, "preserve-fds", 9, &value, &err) == 0);
	CHECK(value == 7);
	CHECK(parse(OPTIONS_ANYWHERE, "--preserve-fds 9") == 0);
	CHECK(options_number(&options, "preserve-fds", 9, &value, &err) == 0);
	CHECK(value == 9);
	CHECK(options_number(&options, "preserve-fds", 8, &value, &err) == -1);
	CHECK_TEXT(err.text, "option '--preserve-fds': '9' is not a number from 0 to 8");
	CHECK(parse(OPTIONS_ANYWHERE, "--preserve-fds ''") == 0);
	CHECK(options_number(&options, "preserve-fds", 8, &value, &err) == -1);
	CHECK(value == 9);
}

int main(void)
{
	RUN(takes_every_spelling);
	RUN(takes_letters_in_a_bundle);
	RUN(takes_the_value_as_it_is);
	RUN(keeps_what_is_repeated);
	RUN(refuses_with_a_sentence);
	RUN(refuses_more_than_there_is_room_for);
	RUN(finds_options_behind_the_operands);
	RUN(stops_at_the_verb);
	RUN(leaves_the_command_its_options);
	RUN(reads_numbers);
	return check_done();
}
