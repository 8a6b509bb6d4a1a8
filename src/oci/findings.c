/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "oci/findings.h"
#include "oci/json_write.h"

static bool is_known(const struct findings *findings, const struct finding *finding)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *other = &findings->list[i];

		if (other->line == finding->line && other->column == finding->column &&
		    strcmp(other->path, finding->path) == 0 &&
		    strcmp(other->text, finding->text) == 0)
			return true;
	}
	return false;
}

bool findings_add(struct findings *findings, const struct finding *finding)
{
	struct arena *arena = &findings->arena;
	struct finding *added = &findings->list[findings->count];

	if (is_known(findings, finding))
		return true;
	if (findings->count == FINDINGS_MAX)
		return false;
	*added = *finding;
	added->path = arena_text(arena, finding->path, strlen(finding->path));
	added->text = arena_text(arena, finding->text, strlen(finding->text));
	added->number = findings->count++;
	if (findings->is_strict)
		added->level = FINDING_ERROR;
	if (added->level == FINDING_ERROR)
		findings->errors++;
	else
		findings->warnings++;
	return true;
}

bool findings_have_error(const struct findings *findings, const char *path)
{
	size_t length = strlen(path);

	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->list[i];

		if (finding->level == FINDING_ERROR &&
		    strncmp(finding->path, path, length) == 0 &&
		    strchr(".[", finding->path[length]) != NULL)
			return true;
	}
	return false;
}

static int compare_numbers(size_t a, size_t b)
{
	return a < b ? -1 : a > b;
}

static int compare(const void *a, const void *b)
{
	const struct finding *one = a, *other = b;
	int result;

	if ((one->line == 0) != (other->line == 0))
		return one->line == 0 ? 1 : -1;
	result = compare_numbers(one->line, other->line);
	if (result == 0)
		result = compare_numbers(one->column, other->column);
	return result != 0 ? result : compare_numbers(one->number, other->number);
}

void findings_sort(struct findings *findings)
{
	qsort(findings->list, findings->count, sizeof(findings->list[0]), compare);
}

static void put_count(struct text *text, size_t count, const char *what)
{
	text_format(text, "%zu %s%s", count, what, count == 1 ? "" : "s");
}

void findings_put_text(const struct findings *findings, struct text *text)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->list[i];

		if (finding->line > 0)
			text_format(text, "%s:%zu:%zu: ", findings->file_name,
				    finding->line, finding->column);
		if (finding->level == FINDING_WARNING)
			text_put(text, "warning: ");
		text_put_printable(text, finding->path);
		text_put(text, finding->path[0] != '\0' ? ": " : "");
		text_put_printable(text, finding->text);
		text_put(text, "\n");
	}
	if (findings->count == FINDINGS_MAX)
		text_format(text, "%s: there may be more problems\n",
			    findings->file_name);
	text_format(text, "%s: ", findings->file_name);
	if (findings->count == 0) {
		text_put(text, "no problem found\n");
		return;
	}
	put_count(text, findings->errors, "error");
	text_put(text, ", ");
	put_count(text, findings->warnings, "warning");
	text_put(text, "\n");
}

void findings_put_json(const struct findings *findings, struct text *text)
{
	struct json_writer *json = json_writer_new(NULL);

	json_open_array(json, NULL);
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->list[i];

		json_open_object(json, NULL);
		json_put_text(json, "level",
			      finding->level == FINDING_ERROR ? "error" : "warning");
		json_put_text(json, "file", findings->file_name);
		if (finding->line > 0) {
			json_put_uint(json, "line", finding->line);
			json_put_uint(json, "column", finding->column);
		}
		json_put_text(json, "path", finding->path);
		json_put_text(json, "message", finding->text);
		json_close_object(json);
	}
	json_close_array(json);
	json_writer_finish(json, text);
}

void findings_release(struct findings *findings)
{
	arena_release(&findings->arena);
	*findings = (struct findings){ 0 };
}
