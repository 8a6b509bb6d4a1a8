/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

/* strerror() speaks with a capital; an error line does not. */
static void append_code(struct error *err, int code)
{
	size_t used = strlen(err->text);
	char meaning[128];

	(void)snprintf(meaning, sizeof(meaning), "%s", strerror(code));
	if (isupper((unsigned char)meaning[0]) && !isupper((unsigned char)meaning[1]))
		meaning[0] = (char)tolower((unsigned char)meaning[0]);
	(void)snprintf(err->text + used, sizeof(err->text) - used, ": %s", meaning);
}

int error_set(struct error *err, int code, const char *format, ...)
{
	va_list args;

	err->code = code;
	err->where[0] = '\0';
	va_start(args, format);
	(void)vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);

	if (code != 0)
		append_code(err, code);
	return -1;
}

int error_prefix(struct error *err, const char *format, ...)
{
	char inner[ERROR_TEXT_MAX];
	size_t used;
	va_list args;

	memcpy(inner, err->text, sizeof(inner));
	va_start(args, format);
	(void)vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);

	used = strlen(err->text);
	(void)snprintf(err->text + used, sizeof(err->text) - used, ": %s", inner);
	return -1;
}

int error_hint(struct error *err, const char *format, ...)
{
	size_t used = strlen(err->text);
	char hint[ERROR_TEXT_MAX];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(hint, sizeof(hint), format, args);
	va_end(args);
	(void)snprintf(err->text + used, sizeof(err->text) - used, " (%s)", hint);
	return -1;
}

int error_at(struct error *err, const char *format, ...)
{
	char inner[ERROR_WHERE_MAX];
	size_t used;
	va_list args;

	memcpy(inner, err->where, sizeof(inner));
	va_start(args, format);
	(void)vsnprintf(err->where, sizeof(err->where), format, args);
	va_end(args);

	if (inner[0] == '\0')
		return -1;
	used = strlen(err->where);
	(void)snprintf(err->where + used, sizeof(err->where) - used, "%s%s",
		       inner[0] == '[' ? "" : ".", inner);
	return -1;
}

void error_format(const struct error *err, char *line, unsigned long size)
{
	(void)snprintf(line, size, "%s%s%s", err->where,
		       err->where[0] != '\0' ? ": " : "", err->text);
}
