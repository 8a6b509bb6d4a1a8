/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * options - a command line by a table of options: long and short, "--x=y" and "--x y",
 * before or after the operands. The strings are argv's.
 */

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct command_option;
struct error;

enum { OPTIONS_MAX = 256 }; /* given on one command line */

struct options {
	struct {
		const char *name; /* of the table */
		const char *value;
	} given[OPTIONS_MAX];
	size_t given_count;
	char **operands;
	int operands_count;
};

enum options_mode {
	OPTIONS_ANYWHERE, /* among the operands too */
	OPTIONS_VERB,     /* up to the first operand */
	OPTIONS_PAYLOAD,  /* around the first operand; the second begins a command */
};

/* Parses argv[1] on, to its NULL. An unknown option, or one without its value, or with
 * an empty one where a path is wanted (DIR, FILE, LAYER, PATH), is an error. */
int options_parse(struct options *options, const struct command_option *table,
		  char **argv, enum options_mode mode, struct error *err);

/* The last value given, or NULL; "" for an option without argument. */
const char *options_text(const struct options *options, const char *name);
/* All the values given, in their order; NULL ends the list, which is in the arena. */
const char **options_list(const struct options *options, const char *name,
			  struct arena *arena);

/* Whether --format is "json" and not "text", as it is when nothing is said; -1: it is
 * neither. */
int options_say_json(const struct options *options, struct error *err);

bool options_has(const struct options *options, const char *name);

/* A number of at most `most`; *value is left alone when the option is absent. */
int options_number(const struct options *options, const char *name, int most, int *value,
		   struct error *err);

/* `path` if it is absolute, else from where the user stands; in the arena. */
const char *options_path(struct arena *arena, const char *path);

/* "  -b, --bundle DIR    help" for each of the table, on standard output. */
void options_print(const struct command_option *table);
