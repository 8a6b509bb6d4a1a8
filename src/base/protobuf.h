/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * protobuf - messages in the wire format of Protocol Buffers, as far as criu's interface
 * needs it: numbers, strings, and messages in messages. Contract:
 * https://protobuf.dev/programming-guides/encoding/
 *
 * By hand, since it is less than a library costs each start of the program.
 */

#include <stddef.h>
#include <stdint.h>

struct text;

/* Also for an enumeration, and for a bool (1); never for a negative number. */
void protobuf_put_uint(struct text *message, unsigned field, uint64_t value);

/* Nothing is written for NULL. */
void protobuf_put_text(struct text *message, unsigned field, const char *value);
void protobuf_put_message(struct text *message, unsigned field, const struct text *value);

/* What is left to read of a message. */
struct protobuf {
	const char *next, *end;
};

struct protobuf_field {
	unsigned number;
	uint64_t value;         /* of a number */
	struct protobuf inside; /* the bytes of a string or a message; else empty */
};

/* The next field: 1, 0 at the end, -1 where it is no message. */
int protobuf_next(struct protobuf *message, struct protobuf_field *field);
