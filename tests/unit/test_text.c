/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "check.h"

static void grows(void)
{
	auto_text struct text text = { 0 };

	for (int i = 0; i < 1000; i++)
		text_put(&text, "0123456789");
	CHECK(text.length == 10000);
	CHECK(strlen(text.data) == 10000);
}

static void ends_with_nul_from_the_first_addition(void)
{
	auto_text struct text text = { 0 };

	text_add(&text, "abcdef", 3);
	CHECK_TEXT(text.data, "abc");
	text_add(&text, NULL, 0);
	CHECK_TEXT(text.data, "abc");
}

static void formats_at_the_end(void)
{
	auto_text struct text text = { 0 };

	text_format(&text, "%d", 1);
	text_format(&text, "-%s-", "two");
	CHECK_TEXT(text.data, "1-two-");
}

static void reserves_without_adding(void)
{
	auto_text struct text text = { 0 };
	char *room = text_reserve(&text, 5);

	memcpy(room, "hello", 5);
	CHECK(text.length == 0);
	text.length = 5;
	text_put(&text, "!");
	CHECK_TEXT(text.data, "hello!");
}

static void quotes(const char *string, const char *want)
{
	auto_text struct text text = { 0 };

	text_put_quoted(&text, string);
	CHECK_TEXT(text.data, want);
}

static void quotes_as_json(void)
{
	quotes("", "\"\"");
	quotes("plain /path", "\"plain /path\"");
	quotes("a\"b\\c", "\"a\\\"b\\\\c\"");
	quotes("\n\t\r\b\f", "\"\\n\\t\\r\\b\\f\"");
	quotes("\x01\x1f\x7f", "\"\\u0001\\u001f\x7f\"");
}

static void keeps_utf8(void)
{
	quotes("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xa7",
	       "\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xa7\"");
	quotes("\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf",
	       "\"\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"");
}

#define BAD "\xef\xbf\xbd"

static void replaces_what_is_not_utf8(void)
{
	quotes("a\xff"
	       "b",
	       "\"a" BAD "b\"");
	quotes("\x80", "\"" BAD "\"");
	quotes("\xc3", "\"" BAD "\"");
	quotes("\xe2\x82", "\"" BAD BAD "\"");
	quotes("\xc0\xaf", "\"" BAD BAD "\"");                 /* overlong */
	quotes("\xe0\x80\x80", "\"" BAD BAD BAD "\"");         /* overlong */
	quotes("\xed\xa0\x80", "\"" BAD BAD BAD "\"");         /* a surrogate */
	quotes("\xf4\x90\x80\x80", "\"" BAD BAD BAD BAD "\""); /* above U+10FFFF */
	quotes("\xf0\x8f\x80\x80", "\"" BAD BAD BAD BAD "\""); /* overlong */
	quotes("\xf5\x80\x80\x80", "\"" BAD BAD BAD BAD "\"");
}

static void tells_utf8(void)
{
	CHECK(text_is_utf8(""));
	CHECK(text_is_utf8("a\xc3\xa9\xf0\x9f\x90\xa7"));
	CHECK(!text_is_utf8("a\xc0\xaf"));
	CHECK(!text_is_utf8("\xed\xa0\x80"));
	CHECK(!text_is_utf8("a\xc3"));
}

static void shows_control_characters(void)
{
	auto_text struct text text = { 0 };

	text_put_printable(&text, "a\x1b[31m\nb\x7f\xc3\xa9");
	CHECK_TEXT(text.data, "a\\x1b[31m\\x0ab\\x7f\xc3\xa9");
}

int main(void)
{
	RUN(grows);
	RUN(ends_with_nul_from_the_first_addition);
	RUN(formats_at_the_end);
	RUN(reserves_without_adding);
	RUN(quotes_as_json);
	RUN(keeps_utf8);
	RUN(replaces_what_is_not_utf8);
	RUN(tells_utf8);
	RUN(shows_control_characters);
	return check_done();
}
