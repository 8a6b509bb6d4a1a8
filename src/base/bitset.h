/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* bitset - sets of processors or memory nodes, as sched_setaffinity(2) and
 * set_mempolicy(2) take them. Pure. */

#include <stdbool.h>

enum {
	BITSET_SIZE = 8192, /* NR_CPUS is nowhere more */
	BITSET_WORD = 8 * (int)sizeof(unsigned long)
};

struct bitset {
	unsigned long words[BITSET_SIZE / BITSET_WORD];
};

/* The set that a list such as "0-3,7" is (cpuset(7), "List format"), all below
 * BITSET_SIZE; "" is the empty one. False leaves it in an unknown state. */
bool bitset_parse(struct bitset *set, const char *list);

bool bitset_is_empty(const struct bitset *set);
void bitset_fill(struct bitset *set);
