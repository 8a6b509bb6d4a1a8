/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* run_changes - the options of run that change the configuration that was read, and
 * nothing else. */

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

int run_changes_apply(const struct options *options, struct bundle *bundle,
		      struct error *err);
