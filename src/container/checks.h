/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* checks - every feature's X_check, before anything exists. */

struct bundle;
struct error;

struct check {
	int (*run)(const struct bundle *, struct error *); /* NULL ends the list */
	const char *needs; /* what else it looks at: a JSON path, or NULL */
};

/* Those that need the configuration and the host alone. */
const struct check *checks_list(void);

/* The first problem that they find, err->where set; without one, warns of capabilities
 * that the host lacks. */
int checks_run(const struct bundle *bundle, struct error *err);
