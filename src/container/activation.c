/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/parse.h"
#include "container/activation.h"
#include "container/environment.h"

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

char **activation_environment(int count, char **env)
{
	static struct arena arena;
	const char *names = getenv("LISTEN_FDNAMES");
	char *assignments[4] = { NULL };

	if (count == 0)
		return env;
	assignments[0] = arena_format(&arena, "LISTEN_FDS=%d", count);
	assignments[1] = arena_format(&arena, "LISTEN_PID=%d", getpid());
	if (names != NULL)
		assignments[2] = arena_format(&arena, "LISTEN_FDNAMES=%s", names);
	return environment_with(&arena, env, assignments);
}
