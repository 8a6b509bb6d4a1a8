/* SPDX-License-Identifier: Apache-2.0 */
#include "container/doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "container/doctor_parts.h"
#include "oci/json_write.h"

static void add(struct doctor *doctor, const struct doctor_line *line)
{
	if (doctor->count == DOCTOR_LINES_MAX)
		return;
	doctor->lines[doctor->count++] = *line;
	doctor->errors += line->status == DOCTOR_ERROR;
}

void doctor_add(struct doctor *doctor, const char *name, enum doctor_status status,
		const char *hint, const char *format, ...)
{
	struct doctor_line line = { name, status, NULL, hint };
	char message[ERROR_TEXT_MAX];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	line.message = arena_text(&doctor->arena, message, strlen(message));
	add(doctor, &line);
}

void doctor_add_error(struct doctor *doctor, const char *name, enum doctor_status status,
		      const struct error *err, const char *hint)
{
	size_t length = strlen(err->text);
	char *message = arena_text(&doctor->arena, err->text, length);
	char *bracket = strstr(message, " (");

	if (hint == NULL && bracket != NULL && message[length - 1] == ')') {
		message[length - 1] = '\0';
		*bracket = '\0';
		hint = bracket + 2;
	}
	add(doctor, &(struct doctor_line){ name, status, message, hint });
}

void doctor_examine(struct doctor *doctor)
{
	doctor_kernel(doctor);
	doctor_namespaces(doctor);
	doctor_cgroups(doctor);
	doctor_places(doctor);
	doctor_programs(doctor);
}

void doctor_put_text(const struct doctor *doctor, struct text *text)
{
	static const char *const marks[] = {
		[DOCTOR_OK] = "[ ok ]",
		[DOCTOR_WARNING] = "[warn]",
		[DOCTOR_ERROR] = "[fail]",
	};

	for (size_t i = 0; i < doctor->count; i++) {
		const struct doctor_line *line = &doctor->lines[i];

		text_format(text, "%s %s: ", marks[line->status], line->name);
		text_put_printable(text, line->message);
		if (line->hint != NULL) {
			text_put(text, " (");
			text_put_printable(text, line->hint);
			text_put(text, ")");
		}
		text_put(text, "\n");
	}
}

void doctor_put_json(const struct doctor *doctor, struct text *text)
{
	static const char *const words[] = {
		[DOCTOR_OK] = "ok",
		[DOCTOR_WARNING] = "warning",
		[DOCTOR_ERROR] = "error",
	};
	struct json_writer *json = json_writer_new(NULL);

	json_open_array(json, NULL);
	for (size_t i = 0; i < doctor->count; i++) {
		const struct doctor_line *line = &doctor->lines[i];

		json_open_object(json, NULL);
		json_put_text(json, "name", line->name);
		json_put_text(json, "status", words[line->status]);
		json_put_text(json, "message", line->message);
		json_put_text(json, "hint", line->hint);
		json_close_object(json);
	}
	json_close_array(json);
	json_writer_finish(json, text);
}

void doctor_release(struct doctor *doctor)
{
	arena_release(&doctor->arena);
}
