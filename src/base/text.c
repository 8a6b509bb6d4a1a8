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

	if (__builtin_add_overflow(text->length, more, &need) ||
	    need > SIZE_MAX / 2 - 1) {
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

/* The length of the character of UTF-8 (RFC 3629) at the start of the string; 0 if there
 * is none: a stray or missing continuation, an overlong form, a surrogate. */
static size_t utf8_length(const unsigned char *string)
{
	size_t length = string[0] < 0x80   ? 1
			: string[0] < 0xe0 ? 2
			: string[0] < 0xf0 ? 3
					   : 4;

	if (length == 1)
		return 1;
	if (string[0] < 0xc2 || string[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < length; i++) {
		if ((string[i] & 0xc0) != 0x80)
			return 0;
	}
	if ((string[0] == 0xe0 && string[1] < 0xa0) ||
	    (string[0] == 0xed && string[1] > 0x9f) ||
	    (string[0] == 0xf0 && string[1] < 0x90) ||
	    (string[0] == 0xf4 && string[1] > 0x8f))
		return 0;
	return length;
}

bool text_is_utf8(const char *string)
{
	const unsigned char *next = (const unsigned char *)string;

	while (*next != '\0') {
		size_t length = utf8_length(next);

		if (length == 0)
			return false;
		next += length;
	}
	return true;
}

/* What JSON cannot hold as it is, RFC 8259 section 7. */
static void put_escaped(struct text *text, unsigned char byte)
{
	static const char letters[] = {
		['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f',
		['\r'] = 'r', ['"'] = '"',  ['\\'] = '\\'
	};

	if (letters[byte] != 0)
		text_format(text, "\\%c", letters[byte]);
	else
		text_format(text, "\\u%04x", byte);
}

void text_put_quoted(struct text *text, const char *string)
{
	const unsigned char *next = (const unsigned char *)string;

	text_put(text, "\"");
	while (*next != '\0') {
		size_t plain = 0, length = 1;

		while (next[plain] >= 0x20 && next[plain] < 0x7f && next[plain] != '"' &&
		       next[plain] != '\\')
			plain++;
		text_add(text, next, plain);
		next += plain;
		if (*next == '\0')
			break;
		if (*next < 0x20 || *next == '"' || *next == '\\') {
			put_escaped(text, *next);
		} else {
			length = utf8_length(next);
			text_add(text, length > 0 ? (const char *)next : "\xef\xbf\xbd",
				 length > 0 ? length : 3);
		}
		next += length > 0 ? length : 1;
	}
	text_put(text, "\"");
}

void text_put_printable(struct text *text, const char *string)
{
	for (; *string != '\0'; string++) {
		unsigned char byte = (unsigned char)*string;

		if (byte < ' ' || byte == 127)
			text_format(text, "\\x%02x", byte);
		else
			text_add(text, string, 1);
	}
}

void text_release(struct text *text)
{
	free(text->data);
	*text = (struct text){ 0 };
}
