/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* diff - the verb: the paths at which a container's root is not its layers any more. */

#include <stdbool.h>

struct error;

struct diff_request {
	const char *root; /* of the registry */
	const char *id;
	bool no_pause; /* do not hold it still meanwhile */
	bool json;
};

/* Prints them. The container is frozen while it is read, and then as it was before. */
int diff_container(const struct diff_request *request, struct error *err);
