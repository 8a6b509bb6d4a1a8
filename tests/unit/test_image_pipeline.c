/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>

#include "base/error.h"
#include "image/pipeline.h"

#include "check.h"

enum { MANY = 100 }; /* more blocks than go round */

struct seen {
	size_t blocks, bytes;
	size_t fails_at; /* this block; 0: none */
	bool in_order;
};

static struct error err;

static int see(void *data, const char *bytes, size_t size, struct error *error)
{
	struct seen *seen = data;
	unsigned char wanted = (unsigned char)seen->blocks;

	if (seen->fails_at != 0 && seen->blocks + 1 == seen->fails_at)
		return error_set(error, 0, "no room");
	seen->in_order = seen->in_order && (unsigned char)bytes[0] == wanted &&
			 (unsigned char)bytes[size - 1] == wanted;
	seen->blocks++;
	seen->bytes += size;
	return 0;
}

/* The number of blocks that could be given. */
static size_t give_many(struct pipeline *pipeline)
{
	for (size_t i = 0; i < MANY; i++) {
		char *block = pipeline_take(pipeline, &err);

		if (block == NULL)
			return i;
		memset(block, (int)i, i + 1);
		pipeline_give(pipeline, i + 1);
	}
	return MANY;
}

static void every_stage_sees_every_block_in_order(void)
{
	struct seen one = { .in_order = true }, two = { .in_order = true };
	const struct pipeline_stage stages[] = { { see, &one }, { see, &two } };
	auto_pipeline struct pipeline *pipeline = pipeline_open(stages, &err);

	CHECK(pipeline != NULL && give_many(pipeline) == MANY);
	CHECK(pipeline_finish(pipeline, &err) == 0);
	CHECK(one.blocks == MANY && one.bytes == MANY * (MANY + 1) / 2 && one.in_order);
	CHECK(two.blocks == MANY && two.bytes == one.bytes && two.in_order);
}

static void the_error_of_a_stage_ends_it(void)
{
	struct seen one = { .in_order = true }, two = { .fails_at = 3 };
	const struct pipeline_stage stages[] = { { see, &one }, { see, &two } };
	auto_pipeline struct pipeline *pipeline = pipeline_open(stages, &err);

	CHECK(pipeline != NULL && give_many(pipeline) < MANY);
	CHECK_TEXT(err.text, "no room");
	err.text[0] = '\0';
	CHECK(pipeline_finish(pipeline, &err) < 0);
	CHECK_TEXT(err.text, "no room");
	CHECK(two.blocks == 2);
}

static void an_error_in_the_last_block_is_told_at_the_end(void)
{
	struct seen one = { .in_order = true }, two = { .fails_at = 1 };
	const struct pipeline_stage stages[] = { { see, &one }, { see, &two } };
	auto_pipeline struct pipeline *pipeline = pipeline_open(stages, &err);
	char *block = pipeline == NULL ? NULL : pipeline_take(pipeline, &err);

	CHECK(block != NULL);
	block[0] = 0;
	pipeline_give(pipeline, 1);
	CHECK(pipeline_finish(pipeline, &err) < 0);
}

static void one_that_is_not_finished_is_released(void)
{
	struct seen one = { .in_order = true }, two = { .in_order = true };
	const struct pipeline_stage stages[] = { { see, &one }, { see, &two } };
	auto_pipeline struct pipeline *pipeline = pipeline_open(stages, &err);

	CHECK(pipeline != NULL && pipeline_take(pipeline, &err) != NULL);
}

int main(void)
{
	RUN(every_stage_sees_every_block_in_order);
	RUN(the_error_of_a_stage_ends_it);
	RUN(an_error_in_the_last_block_is_told_at_the_end);
	RUN(one_that_is_not_finished_is_released);
	return check_done();
}
