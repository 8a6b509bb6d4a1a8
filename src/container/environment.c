/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "container/environment.h"

static size_t count(char *const *list)
{
	size_t number = 0;

	while (list != NULL && list[number] != NULL)
		number++;
	return number;
}

/* FNV-1a of the name. */
static size_t hash_of(const char *variable, size_t length)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)variable[i]) * UINT64_C(0x100000001b3);
	return (size_t)hash;
}

/* Whether the name is new to the table, which has a free place; then it is put there. */
static bool is_first(const char **table, size_t mask, const char *variable)
{
	size_t length = strcspn(variable, "=");
	size_t place = hash_of(variable, length) & mask;

	for (; table[place] != NULL; place = (place + 1) & mask) {
		if (strncmp(table[place], variable, length) == 0 &&
		    (table[place][length] == '=' || table[place][length] == '\0'))
			return false;
	}
	table[place] = variable;
	return true;
}

char **environment_with(struct arena *arena, char *const *env, char *const *assignments)
{
	size_t before = count(env), all = before + count(assignments), mask = 1;
	char **kept = arena_alloc(arena, all + 1, sizeof(*kept));
	char **first = kept + all; /* filled from the end: the last of a name stays */
	const char **table;

	while (mask <= 2 * all)
		mask = 2 * mask + 1;
	table = arena_alloc(arena, mask + 1, sizeof(*table));
	for (size_t i = all; i-- > 0;) {
		char *variable = i < before ? env[i] : assignments[i - before];

		if (is_first(table, mask, variable))
			*--first = variable;
	}
	return first;
}
