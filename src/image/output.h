/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * output - a file that is there whole or not at all: written without a name (O_TMPFILE,
 * open(2)), flushed, then put in the place of the target.
 *
 * linkat(2) replaces nothing: where the target is there, the file gets the name
 * ".NAME.minirun" first and is renamed. A kill between the two leaves it under that name,
 * whole; the next run with the same target takes it away. Where the file system knows no
 * O_TMPFILE (NFS), the name is
 * ".minirun-PID" from the beginning, and stays when we are killed.
 */

#include <limits.h>
#include <stdbool.h>

struct error;

struct output {
	const char *target;           /* "-": standard output */
	int directory;                /* of the target */
	const char *name;             /* in it */
	char temporary[NAME_MAX + 1]; /* a name in it, of the finished file */
	bool named;                   /* it is there, under that name */
	int fd;
};

#define auto_output __attribute__((cleanup(output_release)))
#define OUTPUT_NONE                       \
	{                                 \
		.directory = -1, .fd = -1 \
	}

/* *output is OUTPUT_NONE before; target is borrowed. A terminal is refused, and what is
 * there and no regular file. */
int output_open(struct output *output, const char *target, struct error *err);

/* The target is the new file from here on. */
int output_publish(struct output *output, struct error *err);

/* What was not published is gone. */
void output_release(struct output *output);
