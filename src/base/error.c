/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/error.h"

static const char gap[] = "...";

/* The second and later bytes of a character of UTF-8. */
static bool is_continued(char byte)
{
	return ((unsigned char)byte & 0xc0) == 0x80;
}

/* The middle goes, which is a part of a path mostly: the reason stands at the end. */
static void cut(char to[ERROR_TEXT_MAX], const char *text, size_t length)
{
	size_t head = ERROR_TEXT_MAX / 3, tail;

	while (head > 0 && is_continued(text[head]))
		head--;
	tail = length - (ERROR_TEXT_MAX - sizeof(gap) - head);
	while (is_continued(text[tail]))
		tail++;
	memmove(to, text, head);
	(void)snprintf(to + head, ERROR_TEXT_MAX - head, "%s%s", gap, text + tail);
}

static PRINTF(2, 0) void put_list(char to[ERROR_TEXT_MAX], const char *format,
				  va_list args)
{
	auto_free char *whole = NULL;
	va_list again;
	int length;

	va_copy(again, args);
	length = vsnprintf(to, ERROR_TEXT_MAX, format, args);
	/* Without memory for the whole, its beginning has to do. */
	if (length >= ERROR_TEXT_MAX && vasprintf(&whole, format, again) == length)
		cut(to, whole, (size_t)length);
	va_end(again);
}

static PRINTF(2, 3) void put(char to[ERROR_TEXT_MAX], const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put_list(to, format, args);
	va_end(args);
}

/* strerror() speaks with a capital; an error line does not. */
static void append_code(struct error *err, int code)
{
	char before[ERROR_TEXT_MAX], meaning[128];

	memcpy(before, err->text, sizeof(before));
	(void)snprintf(meaning, sizeof(meaning), "%s", strerror(code));
	if (isupper((unsigned char)meaning[0]) && !isupper((unsigned char)meaning[1]))
		meaning[0] = (char)tolower((unsigned char)meaning[0]);
	put(err->text, "%s: %s", before, meaning);
}

int error_set(struct error *err, int code, const char *format, ...)
{
	va_list args;

	err->code = code;
	err->where[0] = '\0';
	va_start(args, format);
	put_list(err->text, format, args);
	va_end(args);

	if (code != 0)
		append_code(err, code);
	return -1;
}

int error_prefix(struct error *err, const char *format, ...)
{
	char inner[ERROR_TEXT_MAX], prefix[ERROR_TEXT_MAX];
	va_list args;

	memcpy(inner, err->text, sizeof(inner));
	va_start(args, format);
	put_list(prefix, format, args);
	va_end(args);
	put(err->text, "%s: %s", prefix, inner);
	return -1;
}

int error_hint(struct error *err, const char *format, ...)
{
	char before[ERROR_TEXT_MAX], hint[ERROR_TEXT_MAX];
	va_list args;

	memcpy(before, err->text, sizeof(before));
	va_start(args, format);
	put_list(hint, format, args);
	va_end(args);
	put(err->text, "%s (%s)", before, hint);
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
