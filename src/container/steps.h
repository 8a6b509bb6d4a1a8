/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* steps - an order of kernel steps as a table. A step's name is its error's prefix. */

struct error;

struct step {
	const char *name; /* NULL ends the table */
	int (*run)(void *context, struct error *err);
};

int steps_run(const struct step *steps, void *context, struct error *err);
