/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stddef.h>
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

static bool is_assigned(const char *variable, char *const *assignments)
{
	size_t name = strcspn(variable, "=") + 1;

	for (; *assignments != NULL; assignments++) {
		if (strncmp(variable, *assignments, name) == 0)
			return true;
	}
	return false;
}

char **environment_with(struct arena *arena, char *const *env, char *const *assignments)
{
	size_t before = count(env), added = count(assignments), used = 0;
	char **all = arena_alloc(arena, before + added + 1, sizeof(*all));

	for (size_t i = 0; i < before; i++) {
		if (!is_assigned(env[i], assignments))
			all[used++] = env[i];
	}
	for (size_t i = 0; i < added; i++)
		all[used++] = assignments[i];
	return all;
}
