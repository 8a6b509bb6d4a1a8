/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/error.h"
#include "image/pipeline.h"

enum { BLOCKS = 16 };

struct block {
	char *bytes;
	size_t size;
};

struct worker {
	struct pipeline *pipeline;
	struct pipeline_stage stage;
	pthread_t thread;
	bool started;
	size_t done; /* blocks since the beginning */
};

struct pipeline {
	struct block blocks[BLOCKS]; /* the one with number n is [n % BLOCKS] */
	struct worker workers[PIPELINE_STAGES];
	pthread_mutex_t lock; /* of all below, and of worker.done */
	pthread_cond_t changed;
	size_t given; /* blocks since the beginning */
	bool ended;   /* none will follow */
	bool failed;  /* none is needed any more */
	struct error error;
};

/* The next block for the stage, or NULL when there will be none. */
static const struct block *wait_for_block(struct worker *worker)
{
	struct pipeline *pipeline = worker->pipeline;
	const struct block *block = NULL;

	(void)pthread_mutex_lock(&pipeline->lock);
	while (worker->done == pipeline->given && !pipeline->ended && !pipeline->failed)
		(void)pthread_cond_wait(&pipeline->changed, &pipeline->lock);
	if (worker->done < pipeline->given && !pipeline->failed)
		block = &pipeline->blocks[worker->done % BLOCKS];
	(void)pthread_mutex_unlock(&pipeline->lock);
	return block;
}

/* err: NULL, or why the stage could not do it. */
static void leave_block(struct worker *worker, const struct error *err)
{
	struct pipeline *pipeline = worker->pipeline;

	(void)pthread_mutex_lock(&pipeline->lock);
	worker->done++;
	if (err != NULL && !pipeline->failed) {
		pipeline->error = *err;
		pipeline->failed = true;
	}
	(void)pthread_cond_broadcast(&pipeline->changed);
	(void)pthread_mutex_unlock(&pipeline->lock);
}

static void *work(void *data)
{
	struct worker *worker = data;
	const struct block *block;

	while ((block = wait_for_block(worker)) != NULL) {
		struct error err = { 0 };
		int result = worker->stage.run(worker->stage.data, block->bytes,
					       block->size, &err);

		leave_block(worker, result < 0 ? &err : NULL);
	}
	return NULL;
}

static bool is_free(const struct pipeline *pipeline)
{
	for (size_t i = 0; i < PIPELINE_STAGES; i++) {
		if (pipeline->given - pipeline->workers[i].done == BLOCKS)
			return false;
	}
	return true;
}

char *pipeline_take(struct pipeline *pipeline, struct error *err)
{
	bool failed;

	(void)pthread_mutex_lock(&pipeline->lock);
	while (!pipeline->failed && !is_free(pipeline))
		(void)pthread_cond_wait(&pipeline->changed, &pipeline->lock);
	failed = pipeline->failed;
	if (failed)
		*err = pipeline->error;
	(void)pthread_mutex_unlock(&pipeline->lock);
	return failed ? NULL : pipeline->blocks[pipeline->given % BLOCKS].bytes;
}

void pipeline_give(struct pipeline *pipeline, size_t size)
{
	pipeline->blocks[pipeline->given % BLOCKS].size = size;
	(void)pthread_mutex_lock(&pipeline->lock);
	pipeline->given++;
	(void)pthread_cond_broadcast(&pipeline->changed);
	(void)pthread_mutex_unlock(&pipeline->lock);
}

static void join(struct pipeline *pipeline)
{
	for (size_t i = 0; i < PIPELINE_STAGES; i++) {
		if (pipeline->workers[i].started)
			(void)pthread_join(pipeline->workers[i].thread, NULL);
		pipeline->workers[i].started = false;
	}
}

static void end(struct pipeline *pipeline, bool failed)
{
	(void)pthread_mutex_lock(&pipeline->lock);
	pipeline->ended = true;
	pipeline->failed = pipeline->failed || failed;
	(void)pthread_cond_broadcast(&pipeline->changed);
	(void)pthread_mutex_unlock(&pipeline->lock);
	join(pipeline);
}

int pipeline_finish(struct pipeline *pipeline, struct error *err)
{
	end(pipeline, false);
	if (!pipeline->failed)
		return 0;
	*err = pipeline->error;
	return -1;
}

void pipeline_release(struct pipeline **pipeline)
{
	struct pipeline *self = *pipeline;

	if (self == NULL)
		return;
	end(self, true);
	for (size_t i = 0; i < BLOCKS; i++)
		free(self->blocks[i].bytes);
	(void)pthread_cond_destroy(&self->changed);
	(void)pthread_mutex_destroy(&self->lock);
	free(self);
	*pipeline = NULL;
}

static int start(struct pipeline *pipeline, struct error *err)
{
	for (size_t i = 0; i < BLOCKS; i++) {
		pipeline->blocks[i].bytes = malloc(PIPELINE_BLOCK);
		if (pipeline->blocks[i].bytes == NULL)
			return error_set(err, ENOMEM, "cannot make buffers");
	}
	for (size_t i = 0; i < PIPELINE_STAGES; i++) {
		struct worker *worker = &pipeline->workers[i];
		int code = pthread_create(&worker->thread, NULL, work, worker);

		if (code != 0)
			return error_set(err, code, "cannot start a thread");
		worker->started = true;
	}
	return 0;
}

struct pipeline *pipeline_open(const struct pipeline_stage stages[PIPELINE_STAGES],
			       struct error *err)
{
	struct pipeline *pipeline = calloc(1, sizeof(*pipeline));

	if (pipeline == NULL)
		return error_set(err, ENOMEM, "cannot make buffers"), NULL;
	(void)pthread_mutex_init(&pipeline->lock, NULL);
	(void)pthread_cond_init(&pipeline->changed, NULL);
	for (size_t i = 0; i < PIPELINE_STAGES; i++) {
		pipeline->workers[i].pipeline = pipeline;
		pipeline->workers[i].stage = stages[i];
	}
	if (start(pipeline, err) < 0)
		pipeline_release(&pipeline);
	return pipeline;
}
