/* SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/parse.h"
#include "base/path.h"
#include "cli/command.h"
#include "cli/options.h"

enum { TABLE_MAX = 32, LONG_BASE = 256 /* above every letter */ };

/* The table as getopt_long(3) wants it. */
struct getopt_table {
	struct option longs[TABLE_MAX + 1];
	char shorts[2 * TABLE_MAX + 3];
};

static void translate(struct getopt_table *translated, const struct command_option *table,
		      enum options_mode mode)
{
	char *letter = translated->shorts;

	*letter++ = mode == OPTIONS_ANYWHERE ? ':' : '+';
	if (mode != OPTIONS_ANYWHERE)
		*letter++ = ':';
	for (int i = 0; i < TABLE_MAX && table[i].name != NULL; i++) {
		translated->longs[i] = (struct option){
			.name = table[i].name,
			.has_arg = table[i].argument == NULL ? no_argument
							     : required_argument,
			.val = LONG_BASE + i,
		};
		if (table[i].letter == 0)
			continue;
		*letter++ = table[i].letter;
		if (table[i].argument != NULL)
			*letter++ = ':';
	}
}

static const struct command_option *find(const struct command_option *table, int found)
{
	if (found >= LONG_BASE)
		return &table[found - LONG_BASE];
	for (; table->name != NULL; table++) {
		if (table->letter != 0 && table->letter == found)
			return table;
	}
	return NULL;
}

/* The current directory, or no file at all, is not what an empty variable of a script
 * meant. */
static bool takes_path(const struct command_option *option)
{
	static const char *const paths[] = { "DIR", "FILE", "LAYER", "PATH" };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (option->argument != NULL && strcmp(option->argument, paths[i]) == 0)
			return true;
	}
	return false;
}

static int misused(int found, char **argv, struct error *err)
{
	const char *word = argv[optind - 1];

	if (found == ':')
		return error_set(err, 0, "option '%s' needs a value", word);
	if (optopt >= LONG_BASE)
		return error_set(err, 0, "option '%s' takes no value", word);
	if (optopt != 0)
		return error_set(err, 0, "unknown option '-%c'", optopt);
	return error_set(err, 0, "unknown option '%s'", word);
}

static int count(char **argv)
{
	int argc = 0;

	while (argv[argc] != NULL)
		argc++;
	return argc;
}

/* Up to where getopt_long() stops in the mode; optind is there then. */
static int parse_some(struct options *options, const struct command_option *table,
		      char **argv, enum options_mode mode, struct error *err)
{
	struct getopt_table translated = { 0 };
	int argc = count(argv), found;

	translate(&translated, table, mode);
	opterr = 0;
	while ((found = getopt_long(argc, argv, translated.shorts, translated.longs,
				    NULL)) != -1) {
		const struct command_option *option = find(table, found);

		if (option == NULL)
			return misused(found, argv, err);
		if (takes_path(option) && optarg[0] == '\0')
			return error_set(err, 0, "option '--%s': its value is empty",
					 option->name);
		if (options->given_count == OPTIONS_MAX)
			return error_set(err, 0, "more than %d options", OPTIONS_MAX);
		options->given[options->given_count].name = option->name;
		options->given[options->given_count++].value =
			optarg != NULL ? optarg : "";
	}
	return 0;
}

int options_parse(struct options *options, const struct command_option *table,
		  char **argv, enum options_mode mode, struct error *err)
{
	int first;

	options->given_count = 0;
	optind = 0; /* glibc: start anew */
	if (parse_some(options, table, argv, mode, err) < 0)
		return -1;
	options->operands = argv + optind;
	options->operands_count = count(options->operands);
	if (mode != OPTIONS_PAYLOAD || options->operands_count == 0 ||
	    strcmp(argv[optind - 1], "--") == 0)
		return 0;
	/* The first operand moves to just before the rest once options behind it are
	 * taken: it stands in for a program's name to getopt. */
	first = optind;
	optind = 0;
	if (parse_some(options, table, argv + first, mode, err) < 0)
		return -1;
	argv[first + optind - 1] = argv[first];
	options->operands = argv + first + optind - 1;
	options->operands_count = count(options->operands);
	return 0;
}

const char *options_text(const struct options *options, const char *name)
{
	for (size_t i = options->given_count; i > 0; i--) {
		if (strcmp(options->given[i - 1].name, name) == 0)
			return options->given[i - 1].value;
	}
	return NULL;
}

int options_say_json(const struct options *options, struct error *err)
{
	const char *format = options_text(options, "format");

	if (format == NULL || strcmp(format, "text") == 0)
		return 0;
	return strcmp(format, "json") == 0
		       ? 1
		       : error_set(err, 0, "option '--format': '%s' is not text or json",
				   format);
}

const char **options_list(const struct options *options, const char *name,
			  struct arena *arena)
{
	const char **list = arena_alloc(arena, options->given_count + 1, sizeof(*list));
	size_t count = 0;

	for (size_t i = 0; i < options->given_count; i++) {
		if (strcmp(options->given[i].name, name) == 0)
			list[count++] = options->given[i].value;
	}
	return list;
}

bool options_has(const struct options *options, const char *name)
{
	return options_text(options, name) != NULL;
}

int options_number(const struct options *options, const char *name, int most, int *value,
		   struct error *err)
{
	const char *text = options_text(options, name);
	uint64_t number;

	if (text == NULL)
		return 0;
	if (!parse_uint(text, (uint64_t)most, &number))
		return error_set(err, 0,
				 "option '--%s': '%s' is not a number from 0 to %d", name,
				 text, most);
	*value = (int)number;
	return 0;
}

const char *options_path(struct arena *arena, const char *path)
{
	auto_free char *directory = getcwd(NULL, 0);

	return path_join(arena, directory == NULL ? "/" : directory, path);
}

void options_print(const struct command_option *table)
{
	for (; table->name != NULL; table++) {
		char words[64];

		(void)snprintf(words, sizeof(words), "--%s%s%s", table->name,
			       table->argument != NULL ? " " : "",
			       table->argument != NULL ? table->argument : "");
		(void)printf("  %c%c%c %-28s %s\n", table->letter != 0 ? '-' : ' ',
			     table->letter != 0 ? table->letter : ' ',
			     table->letter != 0 ? ',' : ' ', words, table->help);
	}
}
