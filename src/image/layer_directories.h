/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * layer_directories - what a tar says of its directories while it is unpacked. A
 * directory's times are set when nothing more is made in it; and one that the tar does
 * not name, which only the paths of others imply, has attributes of its own nowhere but
 * in the layers below. Of what is said of one directory the last counts.
 */

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct arena;
struct error;

struct layer_directories {
	struct arena *arena; /* borrowed */
	struct layer_directory *first, **end;
	size_t count;
};

void layer_directories_open(struct layer_directories *directories, struct arena *arena);

/* The first bytes of the path, which stays. time NULL: it is implied, and of the time 0:
 * the same tar is the same layer. */
void layer_directories_add(struct layer_directories *directories, const char *path,
			   size_t length, const struct timespec *time);

/* The times, to those that are still there below rootfd. */
int layer_directories_set_times(const struct layer_directories *directories, int rootfd,
				struct error *err);

/* The paths of those that are implied, parents first, in another arena; "" is the root.
 * NULL ends the list. */
char **layer_directories_implied(const struct layer_directories *directories,
				 struct arena *arena);
