/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * command - a verb of minirun. Each verb's file ends with its one instance; main.c has
 * the list of them, which help and the man lint read.
 */

#include "kernel/cgroup.h"

struct error;
struct options;

/* The options before the verb. */
struct globals {
	const char *root, *data_root; /* absolute */
	const char *claims;           /* the same whatever the options: layers.h */
	enum cgroup_manager cgroup_manager;
	char **argv; /* all of minirun's, for the programs in libexec */
};

struct command_option {
	const char *name;     /* long; NULL ends a table */
	char letter;          /* short, or 0 */
	const char *argument; /* its name in the help, "DIR"; NULL: takes none */
	const char *help;     /* one line */
};

enum command_flags {
	COMMAND_ENTERS = 1, /* a container: runs sealed (kernel/seal.h) */
	COMMAND_PAYLOAD =
		2, /* what follows the id is a command with options of its own */
	COMMAND_FORWARDS = 4, /* options after the id are another program's */
};

struct command {
	const char *name;
	const char *operands; /* "ID [SIGNAL]" */
	const char *help;     /* one line */
	const struct command_option *options;
	int least, most; /* operands; most -1: no limit */
	enum command_flags flags;
	int failure; /* exit status of an error: 1, exec 255 */
	/* Exit status, or -1 after filling *err. */
	int (*run)(const struct globals *globals, const struct options *options,
		   struct error *err);
};
