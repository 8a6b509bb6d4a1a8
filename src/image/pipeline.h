/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * pipeline - bytes in blocks from one producer to stages that run beside it, a thread
 * each. Every stage gets every block, in order, and no stage waits for another: what is
 * read is digested and written meanwhile. A fixed number of blocks goes round, so memory
 * is bounded by whoever is slowest. pthreads(7).
 */

#include <stddef.h>

struct error;
struct pipeline;

enum { PIPELINE_BLOCK = 512 * 1024, PIPELINE_STAGES = 2 };

/* What is done with a block; the first error of any stage ends all of them. */
struct pipeline_stage {
	int (*run)(void *data, const char *bytes, size_t size, struct error *err);
	void *data; /* borrowed; the stage's alone until pipeline_finish() */
};

#define auto_pipeline __attribute__((cleanup(pipeline_release)))

/* NULL after filling *err. */
struct pipeline *pipeline_open(const struct pipeline_stage stages[PIPELINE_STAGES],
			       struct error *err);

/* A block of PIPELINE_BLOCK bytes to fill; the same one until it is given. NULL: a stage
 * failed, *err is its error. */
char *pipeline_take(struct pipeline *pipeline, struct error *err);

/* The block that was taken, so many bytes of it. */
void pipeline_give(struct pipeline *pipeline, size_t size);

/* All stages have done all that was given, and have ended. */
int pipeline_finish(struct pipeline *pipeline, struct error *err);

/* Stages end after the block that they are at. */
void pipeline_release(struct pipeline **pipeline);
