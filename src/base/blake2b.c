/* SPDX-License-Identifier: Apache-2.0 */
#include <endian.h>
#include <string.h>

#include "base/blake2b.h"

enum { ROUNDS = 12, WORDS = 16 };

/* RFC 7693, 2.6: that of SHA-512. */
static const uint64_t initial[8] = {
	0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
	0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};

/* RFC 7693, 2.7: which words of the block a round mixes in. */
static const unsigned char schedule[10][WORDS] = {
	{ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 },
	{ 14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3 },
	{ 11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4 },
	{ 7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8 },
	{ 9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13 },
	{ 2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9 },
	{ 12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11 },
	{ 13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10 },
	{ 6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5 },
	{ 10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0 },
};

/* RFC 7693, 3.1: four words of the state for each of the eight mixings of a round. */
static const unsigned char mixed[8][4] = {
	{ 0, 4, 8, 12 },  { 1, 5, 9, 13 },  { 2, 6, 10, 14 }, { 3, 7, 11, 15 },
	{ 0, 5, 10, 15 }, { 1, 6, 11, 12 }, { 2, 7, 8, 13 },  { 3, 4, 9, 14 },
};

static inline uint64_t rotate(uint64_t word, unsigned bits)
{
	return word >> bits | word << (64 - bits);
}

static inline void mix(uint64_t *v, const unsigned char *at, uint64_t x, uint64_t y)
{
	uint64_t a = v[at[0]], b = v[at[1]], c = v[at[2]], d = v[at[3]];

	a += b + x;
	d = rotate(d ^ a, 32);
	c += d;
	b = rotate(b ^ c, 24);
	a += b + y;
	d = rotate(d ^ a, 16);
	c += d;
	b = rotate(b ^ c, 63);
	v[at[0]] = a, v[at[1]] = b, v[at[2]] = c, v[at[3]] = d;
}

/* RFC 7693, 3.2. */
static void compress(struct blake2b *hash, uint64_t last)
{
	uint64_t v[WORDS], words[WORDS];

	memcpy(words, hash->block, sizeof(words));
	for (size_t i = 0; i < WORDS; i++)
		words[i] = le64toh(words[i]);
	memcpy(v, hash->state, sizeof(hash->state));
	memcpy(v + 8, initial, sizeof(initial));
	v[12] ^= hash->total;
	v[14] ^= last;
	for (size_t round = 0; round < ROUNDS; round++) {
		const unsigned char *order = schedule[round % 10];

#pragma GCC unroll 8
		for (size_t i = 0; i < 8; i++)
			mix(v, mixed[i], words[order[2 * i]], words[order[2 * i + 1]]);
	}
	for (size_t i = 0; i < 8; i++)
		hash->state[i] ^= v[i] ^ v[i + 8];
}

void blake2b_start(struct blake2b *hash)
{
	*hash = (struct blake2b){ 0 };
	memcpy(hash->state, initial, sizeof(initial));
	hash->state[0] ^= 0x01010000 | BLAKE2B_SIZE; /* RFC 7693, 2.5 */
}

void blake2b_add(struct blake2b *hash, const void *bytes, size_t size)
{
	const unsigned char *from = bytes;

	while (size > 0) {
		size_t room = BLAKE2B_BLOCK - hash->used;
		size_t part = size < room ? size : room;

		/* The last block is compressed at the end, even if it is full. */
		if (room == 0) {
			compress(hash, 0);
			hash->used = 0;
			continue;
		}
		memcpy(hash->block + hash->used, from, part);
		hash->used += part;
		hash->total += part;
		from += part;
		size -= part;
	}
}

void blake2b_finish(struct blake2b *hash, unsigned char digest[BLAKE2B_SIZE])
{
	memset(hash->block + hash->used, 0, BLAKE2B_BLOCK - hash->used);
	compress(hash, UINT64_MAX);
	for (size_t i = 0; i < BLAKE2B_SIZE / sizeof(uint64_t); i++) {
		uint64_t word = htole64(hash->state[i]);

		memcpy(digest + i * sizeof(word), &word, sizeof(word));
	}
}
