/* SPDX-License-Identifier: Apache-2.0 */
#include "image/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "image/size_text.h"

enum { FIRST_AFTER = 1000, NEXT_AFTER = 100 /* milliseconds */ };

/* The coarse clock costs no system call and is right to 4 ms. */
static uint64_t now(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
	return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

void progress_begin(struct progress *progress, const char *what)
{
	progress_release(progress);
	*progress = (struct progress){
		.is_wanted = isatty(STDERR_FILENO) == 1,
		.what = what,
		.began = now(),
	};
}

static void show(struct progress *progress, uint64_t time)
{
	const uint64_t spent = time - progress->began;
	char size[32], rate[32];

	size_text_format(progress->bytes, size, sizeof(size));
	size_text_format(progress->bytes * 1000 / spent, rate, sizeof(rate));
	(void)fprintf(stderr, "\r%s: %" PRIu64 " entries, %s, %s/s\033[K", progress->what,
		      progress->entries, size, rate);
	(void)fflush(stderr);
	progress->is_shown = true;
	progress->latest = time;
}

void progress_add(struct progress *progress, uint64_t entries, uint64_t bytes)
{
	uint64_t time;

	if (progress == NULL || !progress->is_wanted)
		return;
	progress->entries += entries;
	progress->bytes += bytes;
	time = now();
	if (time - progress->began >= FIRST_AFTER &&
	    time - progress->latest >= NEXT_AFTER)
		show(progress, time);
}

void progress_release(struct progress *progress)
{
	if (progress->is_shown)
		(void)fputs("\r\033[K", stderr);
	progress->is_shown = progress->is_wanted = false;
}
