/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* run_changes - the options of run that change the configuration that was read, and
 * nothing else. */

#include <stdbool.h>

struct bundle;
struct error;
struct options;

#define RUN_CHANGES                                                                 \
	{ "volume", 'v', "SOURCE:DESTINATION[:ro]",                                 \
	  "bind a file or directory of the host" },                                 \
		{ "terminal", 't', NULL, "give the process a terminal" },           \
		{ "lower", 0, "LAYER",                                              \
		  "a lower layer, directory or tar; the first is on top" },         \
	{                                                                           \
		"upper", 0, "DIR",                                                  \
			"where changes go and stay; DIR.work is its work directory" \
	}

/* The directories that were made for --upper, until kept is set. */
struct run_changes {
	const char *upper, *work; /* in the arena of the bundle; NULL: not made by us */
	bool kept;
};

int run_changes_apply(const struct options *options, struct bundle *bundle,
		      struct run_changes *changes, struct error *err);

/* Removes them, unless they are kept; the upper only while it is empty. */
void run_changes_release(struct run_changes *changes);

#define auto_run_changes __attribute__((cleanup(run_changes_release)))
