/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/protobuf.h"
#include "base/text.h"
#include "check.h"

static struct protobuf whole(const struct text *text)
{
	return (struct protobuf){ text->data, text->data + text->length };
}

static void numbers_come_back(void)
{
	static const uint64_t values[] = { 0, 1, 127, 128, 300, UINT32_MAX, UINT64_MAX };

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		auto_text struct text text = { 0 };
		struct protobuf_field field;
		struct protobuf message;

		protobuf_put_uint(&text, 68, values[i]);
		message = whole(&text);
		CHECK(protobuf_next(&message, &field) == 1);
		CHECK(field.number == 68);
		CHECK(field.value == values[i]);
		CHECK(protobuf_next(&message, &field) == 0);
	}
}

/* The examples of the format's own description. */
static void bytes_are_those_of_the_format(void)
{
	auto_text struct text text = { 0 }, inner = { 0 };

	protobuf_put_uint(&inner, 1, 150);
	CHECK(inner.length == 3);
	CHECK(memcmp(inner.data, "\x08\x96\x01", 3) == 0);
	protobuf_put_text(&text, 2, "testing");
	protobuf_put_text(&text, 2, NULL);
	protobuf_put_message(&text, 3, &inner);
	CHECK(text.length == 14);
	CHECK(memcmp(text.data, "\x12\x07testing\x1a\x03\x08\x96\x01", 14) == 0);
}

static void strings_come_back(void)
{
	auto_text struct text text = { 0 };
	struct protobuf_field field;
	struct protobuf message;

	protobuf_put_text(&text, 1, "post-dump");
	message = whole(&text);
	CHECK(protobuf_next(&message, &field) == 1);
	CHECK(field.inside.end - field.inside.next == 9);
	CHECK(memcmp(field.inside.next, "post-dump", 9) == 0);
}

static void fixed_sizes_are_passed_over(void)
{
	static const char bytes[] = "\x09"
				    "12345678"
				    "\x0d"
				    "1234"
				    "\x10\x05";
	struct protobuf message = { bytes, bytes + sizeof(bytes) - 1 };
	struct protobuf_field field;

	CHECK(protobuf_next(&message, &field) == 1);
	CHECK(protobuf_next(&message, &field) == 1);
	CHECK(protobuf_next(&message, &field) == 1);
	CHECK(field.number == 2 && field.value == 5);
	CHECK(protobuf_next(&message, &field) == 0);
}

static void what_is_no_message_is_told(void)
{
	static const struct {
		const char *bytes;
		size_t length;
	} bad[] = {
		{ "\x08", 1 },     /* a number is missing */
		{ "\x08\x80", 2 }, /* one that does not end */
		{ "\x12\x05"
		  "ab",
		  4 },         /* more bytes than there are */
		{ "\x0b", 1 }, /* a group */
		{ "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 11 },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct protobuf message = { bad[i].bytes, bad[i].bytes + bad[i].length };
		struct protobuf_field field;

		CHECK(protobuf_next(&message, &field) == -1);
	}
}

int main(void)
{
	RUN(numbers_come_back);
	RUN(bytes_are_those_of_the_format);
	RUN(strings_come_back);
	RUN(fixed_sizes_are_passed_over);
	RUN(what_is_no_message_is_told);
	return check_done();
}
