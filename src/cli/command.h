/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * command - a verb of minirun. Each verb's file ends with its one instance; main.c has the list, which
 * help, the man lint and the tests read.
 */

#include <stdbool.h>

struct error;
struct option;

/* The options before the verb. */
struct globals {
	const char *root, *data_root; /* absolute */
	bool cgroup_disabled;         /* --cgroup-manager disabled */
	bool debug;
	char **argv; /* all of minirun's, for the programs in libexec */
};

/* One long option; the short one is its letter, or 0. */
struct command_option {
	const char *name;
	char letter;
	const char *argument; /* its name in the help, e.g. "DIR"; NULL: takes none */
	const char *help;     /* one line */
};

struct command {
	const char *name;
	const char *arguments; /* "ID [SIGNAL]" */
	const char *help;      /* one line */
	const struct command_option *options; /* name NULL ends it; may be NULL */
	bool enters;                          /* a container: runs sealed (kernel/seal.h) */
	int failure;                          /* exit status of an error: 1, exec 255 */
	/* Exit status, or -1 after filling *err. argv[0] is the verb. */
	int (*run)(const struct globals *globals, int argc, char **argv,
		   struct error *err);
};
