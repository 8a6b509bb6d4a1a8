/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>

#include "base/arena.h"
#include "check.h"

static void hands_out_zeroed_memory(void)
{
	auto_arena struct arena arena = { 0 };
	const char *bytes = arena_alloc(&arena, 100, 7);
	size_t sum = 0;

	for (size_t i = 0; i < 700; i++)
		sum += (unsigned char)bytes[i];
	CHECK(sum == 0);
}

static void aligns_everything(void)
{
	auto_arena struct arena arena = { 0 };

	for (size_t size = 0; size < 40; size++)
		CHECK((uintptr_t)arena_alloc(&arena, 1, size) % _Alignof(max_align_t) ==
		      0);
}

static void keeps_what_was_handed_out(void)
{
	auto_arena struct arena arena = { 0 };
	char *first = arena_text(&arena, "first", 5);

	/* More than a block holds, one by one and at once. */
	for (int i = 0; i < 3000; i++)
		memset(arena_alloc(&arena, 1, 16), 'x', 16);
	memset(arena_alloc(&arena, 1, 100000), 'y', 100000);
	CHECK_TEXT(first, "first");
}

static void copies_a_part_of_a_text(void)
{
	auto_arena struct arena arena = { 0 };

	CHECK_TEXT(arena_text(&arena, "abcdef", 3), "abc");
	CHECK_TEXT(arena_text(&arena, NULL, 0), "");
}

static void formats(void)
{
	auto_arena struct arena arena = { 0 };

	CHECK_TEXT(arena_format(&arena, "%s/%d", "a", 5), "a/5");
}

static void can_be_released_twice(void)
{
	struct arena arena = { 0 };

	arena_release(&arena);
	(void)arena_alloc(&arena, 1, 1);
	arena_release(&arena);
	arena_release(&arena);
	CHECK(arena.blocks == NULL);
}

int main(void)
{
	RUN(hands_out_zeroed_memory);
	RUN(aligns_everything);
	RUN(keeps_what_was_handed_out);
	RUN(copies_a_part_of_a_text);
	RUN(formats);
	RUN(can_be_released_twice);
	return check_done();
}
