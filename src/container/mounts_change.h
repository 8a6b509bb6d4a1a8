/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* mounts_change - the verb `mounts`: more mounts, or less, for a container that lives. */

struct bundle;
struct error;
struct registry;

enum mounts_change {
	MOUNTS_ADD,
	MOUNTS_REMOVE,
};

struct mounts_request {
	const char *id;
	const char *path; /* of the array of mounts */
	enum mounts_change change;
};

/*
 * *bundle: zero; it has the container's configuration afterwards, with the mounts in
 * question for those it was made with, for bundle_locate(). Relative sources are below
 * the bundle that the container was made of. After an error nothing is added. A container
 * that does not live is "container not running" (runc's words).
 */
int mounts_change(const struct registry *registry, const struct mounts_request *request,
		  struct bundle *bundle, struct error *err);
