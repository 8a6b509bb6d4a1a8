/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/text.h"
#include "image/path_text.h"

/* U+0080 to U+009F are 0xc2 and then the byte of that number. */
static bool is_second_control(const unsigned char *next)
{
	return next[0] == 0xc2 && next[1] < 0xa0;
}

void path_text_put(struct text *text, const char *path)
{
	const bool is_utf8 = text_is_utf8(path);
	const unsigned char *next = (const unsigned char *)path;

	while (*next != '\0') {
		size_t length = is_utf8 && is_second_control(next) ? 2 : 1;
		const bool is_plain = length == 1 && *next >= ' ' && *next != 127 &&
				      *next != '\\' && (*next < 128 || is_utf8);

		for (; length > 0; length--, next++)
			text_format(text, is_plain ? "%c" : "\\x%02x", *next);
	}
}

void path_text_base64(struct text *text, const char *path)
{
	const size_t length = strlen(path);
	char *place = text_reserve(text, 4 * ((length + 2) / 3) + 1);

	text->length += (size_t)EVP_EncodeBlock((unsigned char *)place,
						(const unsigned char *)path, (int)length);
}
