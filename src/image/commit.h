/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* commit - the verb: what a container's root holds, or what it changed, as an archive. */

#include <stdbool.h>

struct error;

struct commit_request {
	const char *root; /* of the registry */
	const char *id, *target;
	bool diff; /* what it changed, as a layer with whiteouts; else the merged view */
	bool no_pause; /* do not hold it still meanwhile */
	bool quiet;    /* no summary */
};

/* The container is frozen while it is read, and then as it was before. */
int commit_container(const struct commit_request *request, struct error *err);
