/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "container/layers_scratch.h"
#include "image/image.h"
#include "image/image_layers.h"
#include "image/layer_implied.h"
#include "image/layer_read.h"
#include "image/layer_store.h"
#include "image/tar_input.h"
#include "image/whiteout.h"

enum { THREADS_MAX = 16 };

static const char fresh_name[] = "layer";

struct job {
	const struct image_layer *layer;
	int scratch; /* its directory; -1: it is in the store already */
	int rootfd;  /* of the layer, here or there */
	struct layer_report report;
	uint64_t entries, bytes;
};

struct work {
	const struct image *image;
	int store, scratch;
	struct job *jobs; /* lowest first */
	size_t count;
	atomic_size_t next;
	atomic_bool has_failed;
	struct error err; /* of the first that failed */
};

static int check_digests(const struct image_layer *layer, struct tar_input *input,
			 struct error *err)
{
	char hex[DIGEST_HEX_SIZE], plain[DIGEST_HEX_SIZE];

	if (tar_input_finish(input, hex, err) < 0 ||
	    tar_input_plain_digest(input, plain, err) < 0)
		return -1;
	if (strcmp(hex, layer->blob.hex) != 0)
		return error_set(err, 0,
				 "its layer sha256:%s is damaged: that is sha256:%s",
				 layer->blob.hex, hex);
	if (strcmp(plain, layer->diff_id) != 0)
		return error_set(err, 0,
				 "its layer sha256:%s is not what its configuration "
				 "says: as a tar sha256:%s, and there sha256:%s",
				 layer->blob.hex, plain, layer->diff_id);
	return 0;
}

static int unpack(const struct work *work, struct job *job, struct error *err)
{
	const size_t index = (size_t)(job - work->jobs);
	auto_close int fd = image_open_layer(work->image, index, err);
	auto_tar_input struct tar_input input = { .has_plain = true };
	auto_arena struct arena arena = { 0 };

	if (fd < 0)
		return -1;
	if (mkdirat(job->scratch, fresh_name, 0755) < 0)
		return error_set(err, errno, "cannot make a directory for a layer");
	job->rootfd = openat(job->scratch, fresh_name,
			     O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (job->rootfd < 0)
		return error_set(err, errno, "cannot open the directory of a layer");
	if (tar_input_open(&input, fd,
			   arena_format(&arena, "sha256:%s", job->layer->blob.hex),
			   err) < 0 ||
	    layer_read(&input, job->rootfd, &job->report, err) < 0 ||
	    check_digests(job->layer, &input, err) < 0)
		return -1;
	job->entries = input.entries;
	job->bytes = input.bytes;
	return 0;
}

/* One of several threads: takes the next layer as long as there is one. */
static void *unpack_some(void *argument)
{
	struct work *work = argument;

	while (!atomic_load(&work->has_failed)) {
		const size_t index = atomic_fetch_add(&work->next, 1);
		struct error err = { 0 };

		if (index >= work->count)
			break;
		if (work->jobs[index].scratch >= 0 &&
		    unpack(work, &work->jobs[index], &err) < 0 &&
		    !atomic_exchange(&work->has_failed, true))
			work->err = err;
	}
	return NULL;
}

/* As many as there are processors and layers, this one among them. */
static int unpack_all(struct work *work, struct error *err)
{
	pthread_t threads[THREADS_MAX];
	size_t wanted = (size_t)get_nprocs(), count = 0;

	if (wanted > THREADS_MAX)
		wanted = THREADS_MAX;
	while (count + 1 < wanted && count + 1 < work->count &&
	       pthread_create(&threads[count], NULL, unpack_some, work) == 0)
		count++;
	(void)unpack_some(work);
	while (count > 0)
		(void)pthread_join(threads[--count], NULL);
	if (!atomic_load(&work->has_failed))
		return 0;
	*err = work->err;
	return -1;
}

static int open_stored(const struct work *work, const struct image_layer *layer)
{
	return openat(work->store, layer->chain_id,
		      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* A layer that is not in the store is ours from here on, the lowest first: so two that
 * have some in common never wait for each other. */
static int take(struct work *work, struct job *job, struct error *err)
{
	const char *name = job->layer->chain_id;

	job->rootfd = open_stored(work, job->layer);
	if (job->rootfd >= 0)
		return 0;
	if (errno != ENOENT)
		return error_set(err, errno, "cannot open the layer sha256:%s", name);
	job->scratch = layers_scratch_take(work->scratch, name, err);
	if (job->scratch < 0)
		return -1;
	job->rootfd = open_stored(work, job->layer);
	if (job->rootfd >= 0)
		layers_scratch_drop(work->scratch, name, &job->scratch);
	return 0;
}

static int open_work(struct work *work, const char *store, struct error *err)
{
	work->store = layer_store_open(store, err);
	work->scratch = work->store < 0 ? -1 : layers_scratch_open(store, err);
	if (work->scratch < 0)
		return -1;
	for (size_t i = 0; i < work->count; i++) {
		if (take(work, &work->jobs[i], err) < 0)
			return -1;
	}
	return 0;
}

/* What only the layers below tell of, lowest first: one may have it from one that has it
 * from another. */
static int complete(const struct work *work, struct error *err)
{
	auto_free int *fds = calloc(work->count, sizeof(*fds)); /* topmost first */

	if (fds == NULL)
		return error_set(err, ENOMEM, "cannot look at the layers");
	for (size_t i = 0; i < work->count; i++)
		fds[work->count - 1 - i] = work->jobs[i].rootfd;
	for (size_t i = 1; i < work->count; i++) {
		const struct job *job = &work->jobs[i];
		const struct lowers below = { .fds = fds + work->count - i, .count = i };

		if (job->scratch >= 0 &&
		    layer_implied_copy(job->rootfd, job->report.implied, &below, err) < 0)
			return error_prefix(err, "layer sha256:%s", job->layer->blob.hex);
	}
	return 0;
}

/* All are whole on the disk before one has its name: a name is for ever. */
static int publish(struct work *work, struct error *err)
{
	if (syncfs(work->scratch) < 0)
		return error_set(err, errno, "cannot write the layers to disk");
	for (size_t i = 0; i < work->count; i++) {
		const struct job *job = &work->jobs[i];

		if (job->scratch >= 0 &&
		    layer_store_put(work->store, job->layer->chain_id, job->scratch,
				    fresh_name, err) < 0)
			return -1;
	}
	return fsync(work->store) < 0
		       ? error_set(err, errno, "cannot write the layers to disk")
		       : 0;
}

static void summarize(const struct work *work, const char *store, struct arena *arena,
		      struct image_layers *layers)
{
	layers->count = work->count;
	layers->paths = arena_alloc(arena, work->count + 1, sizeof(*layers->paths));
	/* The kernel does not ask whether the root of a layer hides what is below. */
	for (size_t i = work->count; i > 0; i--) {
		const struct job *job = &work->jobs[i - 1];

		layers->paths[work->count - i] =
			arena_format(arena, "%s/sha256/%s", store, job->layer->chain_id);
		if (whiteout_is_opaque(job->rootfd, "."))
			break;
	}
	for (size_t i = 0; i < work->count; i++) {
		const struct job *job = &work->jobs[i];

		layers->unpacked += job->scratch >= 0;
		layers->entries += job->entries;
		layers->bytes += job->bytes;
		layers->losses.owners += job->report.losses.owners;
		layers->losses.devices += job->report.losses.devices;
		layers->losses.attributes += job->report.losses.attributes;
	}
}

static void close_work(struct work *work)
{
	for (size_t i = 0; i < work->count; i++) {
		struct job *job = &work->jobs[i];

		layers_scratch_drop(work->scratch, job->layer->chain_id, &job->scratch);
		if (job->rootfd >= 0)
			(void)close(job->rootfd);
		layer_report_release(&job->report);
	}
	if (work->scratch >= 0)
		(void)close(work->scratch);
	if (work->store >= 0)
		(void)close(work->store);
}

int image_layers_unpack(const struct image *image, const char *store, struct arena *arena,
			struct image_layers *layers, struct error *err)
{
	__attribute__((cleanup(close_work))) struct work work = {
		.image = image, .store = -1, .scratch = -1, .count = image->layers_count
	};

	work.jobs = arena_alloc(arena, work.count, sizeof(*work.jobs));
	for (size_t i = 0; i < work.count; i++)
		work.jobs[i] = (struct job){ .layer = &image->layers[i],
					     .scratch = -1,
					     .rootfd = -1 };
	*layers = (struct image_layers){ 0 };
	(void)umask(0);
	if (open_work(&work, store, err) < 0 || unpack_all(&work, err) < 0 ||
	    complete(&work, err) < 0 || publish(&work, err) < 0)
		return -1;
	summarize(&work, store, arena, layers);
	return 0;
}
