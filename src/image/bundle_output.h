/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * bundle_output - a new bundle, which is there whole or not at all: made as
 * ".NAME.minirun" beside its place, then renamed. What a kill leaves under that name is
 * taken over by the next one with the same place.
 */

#include <limits.h>
#include <stdbool.h>

struct error;
struct text;

struct bundle_output {
	const char *target;
	int parent;                   /* the directory it is in */
	char name[NAME_MAX + 1];      /* in that */
	char temporary[NAME_MAX + 1]; /* the same */
	int directory;                /* of the new one, locked; -1: none was made */
};

#define auto_bundle_output __attribute__((cleanup(bundle_output_release)))
#define BUNDLE_OUTPUT_NONE                     \
	{                                      \
		.parent = -1, .directory = -1, \
	}

/* Whether the target is free: not there, or an empty directory. Makes nothing. *output is
 * BUNDLE_OUTPUT_NONE before; target is borrowed. */
int bundle_output_open(struct bundle_output *output, const char *target,
		       struct error *err);

/* config.json, which has to be one that minirun accepts, and an empty rootfs; then all of
 * it in its place. */
int bundle_output_publish(struct bundle_output *output, const struct text *config,
			  struct error *err);

/* What was not published is gone. */
void bundle_output_release(struct bundle_output *output);
