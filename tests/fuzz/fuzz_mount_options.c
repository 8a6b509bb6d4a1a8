/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdint.h>
#include <string.h>
#include <sys/mount.h>

#include "base/arena.h"
#include "base/error.h"
#include "kernel/mount_options.h"

/* The text is a list of words, one a line. What comes out must be something that
 * mount_setattr(2) takes. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { WORDS_MAX = 64 };

static void check_pair(uint64_t set, uint64_t clear)
{
	const uint64_t atime = MOUNT_ATTR__ATIME;

	assert((set & clear & ~atime) == 0);
	assert((set & atime) == 0 || (clear & atime) == atime);
	assert((clear & atime) == 0 || (clear & atime) == atime);
	assert((set & atime) != atime);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena arena = { 0 };
	char *words[WORDS_MAX + 1] = { NULL };
	char *text = arena_text(&arena, data, size);
	struct mount_options options;
	struct error err;

	for (size_t i = 0; i < WORDS_MAX && text != NULL; i++)
		words[i] = strsep(&text, "\n");
	if (mount_options_parse(&options, &arena, words, &err) < 0) {
		assert(strncmp(err.where, "options[", 8) == 0);
		return 0;
	}
	check_pair(options.set, options.clear);
	check_pair(options.recursive_set, options.recursive_clear);
	assert(!options.bind || options.data[0] == NULL);
	assert(!options.recursive_bind || options.bind);
	return 0;
}
