/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* similar - which word a misspelled one may stand for. Pure. */

#include <stddef.h>

/*
 * How far two words are apart: letters added, left out or put for another, and neighbours
 * swapped; upper and lower case are the same. SIZE_MAX for words of more than 64 bytes.
 */
size_t similar_distance(const char *a, const char *b);

/* How far the word that was meant may be from the one that was written: a third of it. */
size_t similar_most(const char *written);
