/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * checkpoint - the processes of a container saved to files by criu.h, from which
 * `restore` makes them again.
 */

struct criu_options;
struct error;
struct registry;

enum checkpoint_kind {
	CHECKPOINT_WHOLE,
	CHECKPOINT_PRE_DUMP, /* the memory alone, and the container goes on */
};

/*
 * The container is gone afterwards, as by delete_container(), unless it is to be left
 * running. After a failure it runs, or is paused, as before.
 */
int checkpoint_container(const struct registry *registry, const char *id,
			 enum checkpoint_kind kind, const struct criu_options *options,
			 struct error *err);
