/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

char *text_reserve(struct text *text, size_t more)
{
	size_t need, size;

	if (__builtin_add_overflow(text->length, more, &need) || need > SIZE_MAX / 2 - 1) {
		(void)fputs("minirun: out of memory\n", stderr);
		_exit(1);
	}
	if (need + 1 > text->size) {
		size = need + 1 > 2 * text->size ? need + 1 : 2 * text->size;
		text->data = realloc(text->data, size);
		if (text->data == NULL) {
			(void)fputs("minirun: out of memory\n", stderr);
			_exit(1);
		}
		text->size = size;
	}
	return text->data + text->length;
}

void text_add(struct text *text, const void *bytes, size_t length)
{
	char *end = text_reserve(text, length);

	if (length > 0)
		memcpy(end, bytes, length);
	text->length += length;
	text->data[text->length] = '\0';
}

void text_put(struct text *text, const char *string)
{
	text_add(text, string, strlen(string));
}

void text_format(struct text *text, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (length < 0)
		return;
	(void)text_reserve(text, (size_t)length);
	va_start(args, format);
	(void)vsnprintf(text->data + text->length, (size_t)length + 1, format, args);
	va_end(args);
	text->length += (size_t)length;
}

void text_release(struct text *text)
{
	free(text->data);
	*text = (struct text){ 0 };
}
