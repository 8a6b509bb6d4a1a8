/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/parse.h"
#include "base/program.h"
#include "base/text.h"
#include "container/ps.h"
#include "container/record.h"
#include "container/recorded.h"
#include "container/registry.h"
#include "kernel/cgroup.h"
#include "kernel/executable.h"
#include "oci/config.h"

enum { OUTPUT_MOST = 256 * 1024 * 1024 /* bytes: every process the kernel can have */ };

static const char blank[] = " \t";

int ps_find(const struct registry *registry, const char *id, struct arena *arena,
	    struct ps_pids *pids, struct error *err)
{
	auto_close int entryfd = registry_find(registry, id, err);
	struct record record;
	struct cgroup cgroup;
	pid_t *list;

	if (entryfd < 0 || registry_load(entryfd, &record, arena, err) < 0 ||
	    recorded_cgroup(&record, arena, &cgroup, err) < 0)
		return -1;
	if (cgroup.layout == CGROUP_DISABLED)
		return error_set(err, 0,
				 "the container is not in a cgroup of its own, so that "
				 "its processes are not known");
	if (cgroup_pids(&cgroup, arena, &list, &pids->count, err) < 0)
		return -1;
	pids->list = list;
	return 0;
}

/* The word of that index in the line, "" if there are less; *length is set. */
static const char *word_of(const char *line, size_t index, size_t *length)
{
	line += strspn(line, blank);
	for (; index > 0; index--) {
		line += strcspn(line, " \t\n");
		line += strspn(line, blank);
	}
	*length = strcspn(line, " \t\n");
	return line;
}

static int find_column(const char *title, size_t *column, struct error *err)
{
	size_t length = 1;

	for (*column = 0; length > 0; (*column)++) {
		const char *word = word_of(title, *column, &length);

		if (length == 3 && memcmp(word, "PID", 3) == 0)
			return 0;
	}
	return error_set(err, 0, "couldn't find PID field in ps output");
}

static bool has_pid(const struct ps_pids *pids, pid_t pid)
{
	for (size_t i = 0; i < pids->count; i++) {
		if (pids->list[i] == pid)
			return true;
	}
	return false;
}

static int filter_line(const char *line, size_t length, size_t column,
		       const struct ps_pids *pids, struct text *table, struct error *err)
{
	size_t digits;
	const char *word = word_of(line, column, &digits);
	char number[16] = "";
	uint64_t pid;

	if (digits < sizeof(number))
		memcpy(number, word, digits);
	if (!parse_uint(number, INT_MAX, &pid))
		return error_set(err, 0, "unable to parse pid '%.*s' in ps output",
				 (int)(digits < 64 ? digits : 64), word);
	if (has_pid(pids, (pid_t)pid))
		text_add(table, line, length);
	return 0;
}

int ps_filter(const char *lines, const struct ps_pids *pids, struct text *table,
	      struct error *err)
{
	const char *next;
	size_t column;

	if (find_column(lines, &column, err) < 0)
		return -1;
	next = strchrnul(lines, '\n');
	text_format(table, "%.*s\n", (int)(next - lines), lines);
	while (*next != '\0') {
		lines = next + 1;
		next = strchrnul(lines, '\n');
		if (next > lines &&
		    filter_line(lines, (size_t)(next - lines) + (*next == '\n'), column,
				pids, table, err) < 0)
			return -1;
	}
	return 0;
}

/* Our PATH; a manager may have started us without one. */
static int find_program(char *path, struct error *err)
{
	char name[] = "ps", usual[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	char *arguments[] = { name, NULL }, *environment[] = { usual, NULL };
	const struct config_process process = {
		.args = arguments,
		.env = getenv("PATH") == NULL ? environment : environ,
	};

	return executable_find(&process, path, PATH_MAX, err);
}

static char **arguments_of(char *const *options, struct arena *arena)
{
	static char name[] = "ps", usual[] = "-ef";
	size_t count = 0;
	char **arguments;

	while (options[count] != NULL)
		count++;
	arguments = arena_alloc(arena, count + 3, sizeof(*arguments));
	arguments[0] = name;
	arguments[1] = usual;
	if (count > 0)
		memcpy(arguments + 1, options, count * sizeof(*arguments));
	return arguments;
}

int ps_table(const struct ps_pids *pids, char *const *options, struct arena *arena,
	     struct text *table, struct error *err)
{
	static const struct text nothing;
	auto_text struct text output = { 0 };
	char path[PATH_MAX];
	struct program program = {
		.path = path,
		.environment = environ,
		.input = &nothing,
		.output = &output,
		.output_most = OUTPUT_MOST,
	};
	int status;

	if (find_program(path, err) < 0)
		return -1;
	program.arguments = arguments_of(options, arena);
	status = program_run(&program, err);
	if (status < 0)
		return -1;
	text_put(&output, "");
	if (status != 0)
		return error_set(err, 0, "ps failed with status %d: %.*s", status,
				 (int)strcspn(output.data, "\n"), output.data);
	return ps_filter(output.data, pids, table, err);
}
