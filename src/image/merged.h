/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * merged - the root of a container as it sees it, without what is mounted over it: an
 * overlay of its own of upper and lowers, read-only, the same for a container in whatever
 * state. (A clone of the container's mount would do only while it runs, and would show
 * the placeholders of the init layer.)
 */

struct error;
struct inside_ids;
struct record;

/* A directory, owned. What is of the layers has the ids there that the container's own
 * files have: ids. The caller gets a mount namespace of its own by it. */
int merged_open(const struct record *record, const struct inside_ids *ids,
		struct error *err);

/* A directory of the host without what somebody has mounted below it; owned. */
int merged_open_plain(const char *path, struct error *err);
