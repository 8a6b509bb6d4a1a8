/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/blake2b.h"
#include "check.h"

/* The digest in hex of `size` bytes that count up, in steps of `step`. */
static const char *digest_of(size_t size, size_t step)
{
	static char text[2 * BLAKE2B_SIZE + 1];
	unsigned char bytes[1000], digest[BLAKE2B_SIZE];
	struct blake2b hash;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(i % 251);
	blake2b_start(&hash);
	for (size_t i = 0; i < size; i += step)
		blake2b_add(&hash, bytes + i, size - i < step ? size - i : step);
	blake2b_finish(&hash, digest);
	for (size_t i = 0; i < BLAKE2B_SIZE; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", digest[i]);
	return text;
}

/* As b2sum -l 256 and python3's hashlib have it. */
static void digests_are_those_of_others(void)
{
	static const struct {
		size_t size;
		const char *digest;
	} table[] = {
		{ 0, "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8" },
		{ 128,
		  "c3582f71ebb2be66fa5dd750f80baae97554f3b015663c8be377cfcb2488c1d1" },
		{ 129,
		  "f7f3c46ba2564ff4c4c162da1f5b605f9f1c4aa6a20652a9f9a337c1a2f5b9c9" },
		{ 1000,
		  "b372d0608f720c8c3dd41e9c8eecb10143b41abe520b616607e754bf79c08331" },
	};
	static const size_t steps[] = { 1, 7, 128, 129, 1000 };

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		for (size_t j = 0; j < sizeof(steps) / sizeof(steps[0]); j++)
			CHECK_TEXT(digest_of(table[i].size, steps[j]), table[i].digest);
	}
}

static void three_letters(void)
{
	static const unsigned char want[BLAKE2B_SIZE] = {
		0xbd, 0xdd, 0x81, 0x3c, 0x63, 0x42, 0x39, 0x72, 0x31, 0x71, 0xef,
		0x3f, 0xee, 0x98, 0x57, 0x9b, 0x94, 0x96, 0x4e, 0x3b, 0xb1, 0xcb,
		0x3e, 0x42, 0x72, 0x62, 0xc8, 0xc0, 0x68, 0xd5, 0x23, 0x19,
	};
	unsigned char digest[BLAKE2B_SIZE];
	struct blake2b hash;

	blake2b_start(&hash);
	blake2b_add(&hash, "abc", 3);
	blake2b_finish(&hash, digest);
	CHECK(memcmp(digest, want, sizeof(want)) == 0);
}

int main(void)
{
	RUN(digests_are_those_of_others);
	RUN(three_letters);
	return check_done();
}
