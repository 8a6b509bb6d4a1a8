/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* matching - the containers that a verb is for: the one of that id, or with --regex, as
 * crun has it, every one whose id the expression matches. */

struct error;
struct options;
struct registry;

#define MATCHING_OPTION                                                   \
	{                                                                 \
		"regex", 'r', NULL, "ID is a regular expression, for all" \
	}

typedef int matching_verb(const struct registry *registry, const char *id,
			  const void *how, struct error *err);

/* Calls the verb for each, the first operand being the id, also after one has failed.
 * None at all is fine, as for crun. *err is the last failure, the others are warnings. */
int matching_run(const struct registry *registry, const struct options *options,
		 matching_verb *verb, const void *how, struct error *err);
