/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/file.h"
#include "base/parse.h"
#include "base/text.h"
#include "kernel/cgroup_files.h"
#include "kernel/cgroup_stats_parts.h"
#include "oci/json_write.h"

enum { FILE_MOST = 16 << 20, SIZE_NAME_MAX = 16 };

static void fail(struct cgroup_stats *stats, const struct error *failure)
{
	if (stats->has_failed)
		return;
	stats->has_failed = true;
	*stats->err = *failure;
	(void)error_prefix(stats->err, "cgroup '%s'", stats->directory);
}

bool cgroup_stats_text(struct cgroup_stats *stats, const char *file, struct text *text)
{
	struct error failure = { 0 };

	if (stats->dirfd < 0)
		return false;
	if (file_read(stats->dirfd, file, FILE_MOST, text, &failure) == 0)
		return true;
	/* EOPNOTSUPP: psi= on the kernel's command line, or a threaded cgroup. */
	if (!cgroup_is_gone(failure.code) && failure.code != EOPNOTSUPP)
		fail(stats, &failure);
	return false;
}

uint64_t cgroup_stats_number(struct cgroup_stats *stats, const char *file,
			     const char *number)
{
	struct error failure = { 0 };
	uint64_t value = 0;
	int64_t below;

	if (strcmp(number, "max") == 0)
		return UINT64_MAX;
	if (parse_uint(number, UINT64_MAX, &value))
		return value;
	if (parse_int(number, INT64_MIN, -1, &below))
		return (uint64_t)below;
	(void)error_set(&failure, 0, "'%s': '%.64s' is not a number", file, number);
	fail(stats, &failure);
	return 0;
}

/* The rest of the line that begins with the key, or NULL. *lines is cut there. */
static char *find_value(char *lines, const char *key)
{
	size_t length = strlen(key);

	for (char *line; (line = strsep(&lines, "\n")) != NULL;) {
		if (strncmp(line, key, length) == 0 && line[length] == ' ')
			return line + length + 1;
	}
	return NULL;
}

static uint64_t read_row(struct cgroup_stats *stats, const char *prefix,
			 const struct cgroup_stats_row *row)
{
	auto_text struct text text = { 0 };
	char file[CGROUP_STATS_FILE_MAX], *at;
	uint64_t value;

	if (row->file == NULL)
		return 0;
	(void)snprintf(file, sizeof(file), "%s.%s", prefix, row->file);
	if (!cgroup_stats_text(stats, file, &text) || text.length == 0)
		return 0;
	at = row->key == NULL ? text.data : find_value(text.data, row->key);
	if (at == NULL)
		return 0;
	at[strcspn(at, "\n")] = '\0';
	value = cgroup_stats_number(stats, file, at);
	if (row->kind == STATS_SIGNED)
		return value;
	if (at[0] == '-' || (row->kind == STATS_LIMIT && value == UINT64_MAX))
		return 0;
	return row->scale == 0 ? value : value * row->scale;
}

void cgroup_stats_read(struct cgroup_stats *stats, const char *prefix,
		       const struct cgroup_stats_row *rows,
		       uint64_t values[CGROUP_STATS_ROWS_MAX])
{
	for (size_t i = 0; rows[i].name != NULL; i++)
		values[i] = read_row(stats, prefix, &rows[i]);
}

static void put_members(struct cgroup_stats *stats, const struct cgroup_stats_row *rows,
			const uint64_t *values)
{
	for (size_t i = 0; rows[i].name != NULL; i++) {
		enum cgroup_stats_kind kind = rows[i].kind;

		if (kind == STATS_SIGNED)
			json_put_int(stats->json, rows[i].name, (int64_t)values[i]);
		else if (values[i] != 0 || kind == STATS_ALWAYS)
			json_put_uint(stats->json, rows[i].name, values[i]);
	}
}

void cgroup_stats_put_rows(struct cgroup_stats *stats, const char *prefix,
			   const struct cgroup_stats_row *rows)
{
	uint64_t values[CGROUP_STATS_ROWS_MAX];

	cgroup_stats_read(stats, prefix, rows, values);
	put_members(stats, rows, values);
}

void cgroup_stats_put_values(struct cgroup_stats *stats, const char *name,
			     const struct cgroup_stats_row *rows, const uint64_t *values)
{
	bool is_zero = true;

	for (size_t i = 0; rows[i].name != NULL; i++)
		is_zero = is_zero && values[i] == 0;
	if (is_zero)
		return;
	json_open_object(stats->json, name);
	put_members(stats, rows, values);
	json_close_object(stats->json);
}

void cgroup_stats_put_object(struct cgroup_stats *stats, const char *name,
			     const char *prefix, const struct cgroup_stats_row *rows)
{
	uint64_t values[CGROUP_STATS_ROWS_MAX];

	cgroup_stats_read(stats, prefix, rows, values);
	cgroup_stats_put_values(stats, name, rows, values);
}

static int compare_lines(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

/* The lines, sorted. A blank sorts before all that keys are made of. */
static size_t split_lines(struct arena *arena, char *text, char ***lines)
{
	size_t count = 0, most = 1;

	for (const char *at = text; *at != '\0'; at++)
		most += *at == '\n';
	*lines = arena_alloc(arena, most, sizeof(**lines));
	for (char *line; (line = strsep(&text, "\n")) != NULL;) {
		if (*line != '\0')
			(*lines)[count++] = line;
	}
	qsort(*lines, count, sizeof(**lines), compare_lines);
	return count;
}

void cgroup_stats_put_map(struct cgroup_stats *stats, const char *name, const char *file)
{
	auto_text struct text text = { 0 };
	auto_arena struct arena arena = { 0 };
	char **lines;
	size_t count;

	if (!cgroup_stats_text(stats, file, &text) || text.length == 0)
		return;
	count = split_lines(&arena, text.data, &lines);
	json_open_object(stats->json, name);
	for (size_t i = 0; i < count; i++) {
		char *value = lines[i];
		const char *key = strsep(&value, " ");
		uint64_t number =
			cgroup_stats_number(stats, file, value == NULL ? "" : value);

		json_put_uint(stats->json, key,
			      value != NULL && *value == '-' ? 0 : number);
	}
	json_close_object(stats->json);
}

void cgroup_stats_list_open(struct cgroup_stats *stats, struct cgroup_stats_list *list)
{
	if (!list->is_open)
		json_open_array(stats->json, list->name);
	list->is_open = true;
}

void cgroup_stats_list_end(struct cgroup_stats *stats, struct cgroup_stats_list *list)
{
	if (list->is_open)
		json_close_array(stats->json);
	list->is_open = false;
}

static void put_unless_zero(struct cgroup_stats *stats, const char *name, uint64_t value)
{
	if (value != 0)
		json_put_uint(stats->json, name, value);
}

void cgroup_stats_put_device(struct cgroup_stats *stats, struct cgroup_stats_list *list,
			     const char *device, const char *operation, uint64_t value)
{
	char numbers[64];
	char *minor = numbers;
	const char *major;

	(void)snprintf(numbers, sizeof(numbers), "%s", device);
	major = strsep(&minor, ":");
	cgroup_stats_list_open(stats, list);
	json_open_object(stats->json, NULL);
	put_unless_zero(stats, "major", cgroup_stats_number(stats, list->name, major));
	put_unless_zero(
		stats, "minor",
		cgroup_stats_number(stats, list->name, minor == NULL ? "" : minor));
	json_put_text(stats->json, "op", operation);
	put_unless_zero(stats, "value", value);
	json_close_object(stats->json);
}

static int is_of_hugetlb(const struct dirent *entry)
{
	return strncmp(entry->d_name, "hugetlb.", 8) == 0;
}

/* "2MB" if the entry is "hugetlb.2MB." and the file, else "". */
static void size_of(const char *entry, const char *file, char size[SIZE_NAME_MAX])
{
	const char *name = entry + 8;
	size_t length = strcspn(name, ".");

	size[0] = '\0';
	if (length < SIZE_NAME_MAX && name[length] == '.' &&
	    strcmp(name + length + 1, file) == 0)
		(void)snprintf(size, SIZE_NAME_MAX, "%.*s", (int)length, name);
}

static void put_size(struct cgroup_stats *stats, const char *size, const char *file,
		     cgroup_stats_put_size *put)
{
	char prefix[CGROUP_STATS_FILE_MAX], reserved[CGROUP_STATS_FILE_MAX];
	auto_text struct text text = { 0 };

	(void)snprintf(prefix, sizeof(prefix), "hugetlb.%s", size);
	(void)snprintf(reserved, sizeof(reserved), "hugetlb.%s.rsvd.%s", size, file);
	if (cgroup_stats_text(stats, reserved, &text))
		(void)snprintf(reserved, sizeof(reserved), "hugetlb.%s.rsvd", size);
	else
		(void)snprintf(reserved, sizeof(reserved), "%s", prefix);
	json_open_object(stats->json, size);
	put(stats, prefix, reserved);
	json_close_object(stats->json);
}

void cgroup_stats_put_sizes(struct cgroup_stats *stats, const char *file,
			    cgroup_stats_put_size *put)
{
	struct dirent **entries = NULL;
	int count = stats->dirfd < 0 ? 0
				     : scandirat(stats->dirfd, ".", &entries,
						 is_of_hugetlb, alphasort);

	for (int i = 0; i < count; i++) {
		char size[SIZE_NAME_MAX];

		size_of(entries[i]->d_name, file, size);
		free(entries[i]);
		if (size[0] != '\0')
			put_size(stats, size, file, put);
	}
	free(entries);
}
