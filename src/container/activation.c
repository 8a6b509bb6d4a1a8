/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/parse.h"
#include "container/activation.h"

int activation_count(void)
{
	const char *pid_text = getenv("LISTEN_PID"), *count_text = getenv("LISTEN_FDS");
	uint64_t pid, count;

	if (pid_text == NULL || count_text == NULL ||
	    !parse_uint(pid_text, INT32_MAX, &pid) || (pid_t)pid != getpid() ||
	    !parse_uint(count_text, ACTIVATION_MAX, &count))
		return 0;
	return (int)count;
}

static bool is_ours(const char *variable)
{
	return strncmp(variable, "LISTEN_FDS=", 11) == 0 ||
	       strncmp(variable, "LISTEN_PID=", 11) == 0 ||
	       strncmp(variable, "LISTEN_FDNAMES=", 15) == 0;
}

char **activation_environment(int count, char **env)
{
	static struct arena arena;
	const char *names = getenv("LISTEN_FDNAMES");
	size_t before = 0, used = 0;
	char **all;

	if (count == 0)
		return env;
	while (env != NULL && env[before] != NULL)
		before++;
	all = arena_alloc(&arena, before + 4, sizeof(*all));
	for (size_t i = 0; i < before; i++) {
		if (!is_ours(env[i]))
			all[used++] = env[i];
	}
	all[used++] = arena_format(&arena, "LISTEN_FDS=%d", count);
	all[used++] = arena_format(&arena, "LISTEN_PID=%d", getpid());
	if (names != NULL)
		all[used++] = arena_format(&arena, "LISTEN_FDNAMES=%s", names);
	return all;
}
