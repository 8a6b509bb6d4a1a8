/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* commit_summary - what a commit tells at its end. */

#include <stdbool.h>
#include <stdint.h>

#include "image/digest.h"

struct commit_summary {
	const char *target;
	uint64_t entries, whiteouts;  /* a whiteout is an entry too */
	uint64_t sockets, attributes; /* left out */
	uint64_t bytes;               /* as they were written */
	char diff_id[DIGEST_HEX_SIZE], hex[DIGEST_HEX_SIZE]; /* of the tar; of those */
	bool is_verified;
};

/* A warning of sockets, and unless `quiet` a line on standard error. */
void commit_summary_text(const struct commit_summary *summary, bool quiet);

/* An object on standard output. */
void commit_summary_json(const struct commit_summary *summary);
