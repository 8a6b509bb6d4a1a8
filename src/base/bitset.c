/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/bitset.h"

/* Behind the number at the place, or NULL if there is none below BITSET_SIZE. */
static const char *read_number(const char *at, unsigned *number)
{
	const char *start = at;

	for (*number = 0; *at >= '0' && *at <= '9'; at++) {
		*number = *number * 10 + (unsigned)(*at - '0');
		if (*number >= BITSET_SIZE)
			return NULL;
	}
	return at == start ? NULL : at;
}

static const char *read_range(const char *at, struct bitset *set)
{
	unsigned first, last;

	at = read_number(at, &first);
	last = first;
	if (at != NULL && *at == '-')
		at = read_number(at + 1, &last);
	if (at == NULL || last < first)
		return NULL;
	for (; first <= last; first++)
		set->words[first / BITSET_WORD] |= 1UL << first % BITSET_WORD;
	return at;
}

bool bitset_parse(struct bitset *set, const char *list)
{
	*set = (struct bitset){ 0 };
	if (*list == '\0')
		return true;
	for (;;) {
		list = read_range(list, set);
		if (list == NULL || (*list != ',' && *list != '\0'))
			return false;
		if (*list++ == '\0')
			return true;
	}
}

bool bitset_is_empty(const struct bitset *set)
{
	static const struct bitset empty;

	return memcmp(set, &empty, sizeof(empty)) == 0;
}

void bitset_fill(struct bitset *set)
{
	memset(set, 0xff, sizeof(*set));
}
