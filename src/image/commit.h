/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* commit - the verb: what a container's root holds, or what it changed, as an archive or
 * an image. */

#include <stdbool.h>
#include <stdint.h>

#include "image/compression.h"
#include "image/image_config.h"

struct error;

struct commit_request {
	const char *root;        /* of the registry */
	const char *id, *target; /* target.h */
	bool diff; /* what it changed, as a layer with whiteouts; else the merged view */
	bool merged;   /* was asked for */
	bool no_pause; /* do not hold it still meanwhile */
	bool quiet;    /* no summary */
	bool json;     /* the summary */
	bool verify;   /* read back what was written */
	struct compression compression;
	bool has_epoch; /* found: epoch.h */
	int64_t epoch;
	/* Of an image alone: */
	const char *base; /* what it stands on, a target, or NULL; then diff is meant */
	struct image_details details;
};

/* The container is frozen while it is read, and then as it was before. */
int commit_container(struct commit_request *request, struct error *err);
