/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/protobuf.h"
#include "base/text.h"

/* The low three bits of what stands before a value. */
enum wire_type {
	WIRE_NUMBER = 0,
	WIRE_EIGHT_BYTES = 1,
	WIRE_BYTES = 2,
	WIRE_FOUR_BYTES = 5,
};

enum {
	NUMBER_BYTES_MAX = 10 /* 64 bits, seven in each */
};

static void put_number(struct text *message, uint64_t value)
{
	do {
		char byte = (char)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));

		text_add(message, &byte, 1);
		value >>= 7;
	} while (value != 0);
}

static void put_bytes(struct text *message, unsigned field, const char *bytes,
		      size_t length)
{
	put_number(message, (uint64_t)field << 3 | WIRE_BYTES);
	put_number(message, length);
	text_add(message, bytes, length);
}

void protobuf_put_uint(struct text *message, unsigned field, uint64_t value)
{
	put_number(message, (uint64_t)field << 3 | WIRE_NUMBER);
	put_number(message, value);
}

void protobuf_put_text(struct text *message, unsigned field, const char *value)
{
	if (value != NULL)
		put_bytes(message, field, value, strlen(value));
}

void protobuf_put_message(struct text *message, unsigned field, const struct text *value)
{
	put_bytes(message, field, value->length > 0 ? value->data : "", value->length);
}

static int read_number(struct protobuf *message, uint64_t *value)
{
	*value = 0;
	for (unsigned i = 0; i < NUMBER_BYTES_MAX && message->next < message->end; i++) {
		unsigned char byte = (unsigned char)*message->next++;

		*value |= (uint64_t)(byte & 0x7f) << (7 * i);
		if (byte < 0x80)
			return 0;
	}
	return -1;
}

static int read_bytes(struct protobuf *message, uint64_t length, struct protobuf *inside)
{
	if (length > (uint64_t)(message->end - message->next))
		return -1;
	inside->next = message->next;
	message->next += length;
	inside->end = message->next;
	return 0;
}

int protobuf_next(struct protobuf *message, struct protobuf_field *field)
{
	uint64_t key, length;

	*field = (struct protobuf_field){ 0 };
	if (message->next == message->end)
		return 0;
	if (read_number(message, &key) < 0)
		return -1;
	field->number = (unsigned)(key >> 3);
	switch (key & 7) {
	case WIRE_NUMBER:
		return read_number(message, &field->value) < 0 ? -1 : 1;
	case WIRE_BYTES:
		if (read_number(message, &length) < 0)
			return -1;
		return read_bytes(message, length, &field->inside) < 0 ? -1 : 1;
	case WIRE_EIGHT_BYTES:
		return read_bytes(message, 8, &field->inside) < 0 ? -1 : 1;
	case WIRE_FOUR_BYTES:
		return read_bytes(message, 4, &field->inside) < 0 ? -1 : 1;
	default:
		return -1;
	}
}
