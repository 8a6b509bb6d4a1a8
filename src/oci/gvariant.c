/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/gvariant.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"

struct reader {
	struct arena *arena;
	const char *text, *at;
	int depth;
	struct error *err;
};

/* GLib's word for a type, and what it may hold. Numbers are an int where nothing is said,
 * and a double with a point or an exponent. */
static const struct type {
	const char *word;
	char letter;
	int64_t least;
	uint64_t most;
} types[] = {
	{ "boolean", 'b', 0, 0 },
	{ "byte", 'y', 0, UINT8_MAX },
	{ "int16", 'n', INT16_MIN, INT16_MAX },
	{ "uint16", 'q', 0, UINT16_MAX },
	{ "int32", 'i', INT32_MIN, INT32_MAX },
	{ "uint32", 'u', 0, UINT32_MAX },
	{ "int64", 'x', INT64_MIN, INT64_MAX },
	{ "uint64", 't', 0, UINT64_MAX },
	{ "double", 'd', 0, 0 },
	{ "string", 's', 0, 0 },
	{ "objectpath", 'o', 0, 0 },
	{ "signature", 'g', 0, 0 },
};

static const struct type *type_of(char letter)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (types[i].letter == letter)
			return &types[i];
	}
	return NULL;
}

static struct gvariant *fail(struct reader *reader, const char *reason)
{
	(void)error_set(reader->err, 0, "byte %td: %s", reader->at - reader->text + 1,
			reason);
	return NULL;
}

static void skip_blanks(struct reader *reader)
{
	reader->at += strspn(reader->at, " \t\n\r");
}

static bool take(struct reader *reader, char character)
{
	skip_blanks(reader);
	if (*reader->at != character)
		return false;
	reader->at++;
	return true;
}

static bool is_word(char character)
{
	return (character >= 'a' && character <= 'z') ||
	       (character >= '0' && character <= '9');
}

static bool take_word(struct reader *reader, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(reader->at, word, length) != 0 || is_word(reader->at[length]))
		return false;
	reader->at += length;
	return true;
}

static struct gvariant *new_value(struct reader *reader, const char *signature)
{
	struct gvariant *value = arena_alloc(reader->arena, 1, sizeof(*value));

	value->signature = signature;
	return value;
}

static struct gvariant *new_basic(struct reader *reader, char letter)
{
	return new_value(reader, arena_text(reader->arena, &letter, 1));
}

/* The length of the one whole type that a signature begins with, or 0. */
static size_t type_length(const char *signature, int depth)
{
	size_t length = 1;

	if (depth > GVARIANT_DEPTH_MAX)
		return 0;
	if (*signature == 'a') {
		length = type_length(signature + 1, depth + 1);
		return length == 0 ? 0 : length + 1;
	}
	if (*signature != '(')
		return *signature != '\0' && type_of(*signature) != NULL;
	while (signature[length] != ')') {
		size_t member = type_length(signature + length, depth + 1);

		if (member == 0)
			return 0;
		length += member;
	}
	return length + 1;
}

/* What is wanted, and what is there. */
static bool fits(const char *wanted, const char *letters)
{
	return wanted == NULL || strchr(letters, *wanted) != NULL;
}

static struct gvariant *read_boolean(struct reader *reader, const char *wanted, bool is)
{
	struct gvariant *value;

	if (!fits(wanted, "b")) {
		reader->at -= strlen(is ? "true" : "false");
		return fail(reader, "a boolean where none is wanted");
	}
	value = new_basic(reader, 'b');
	value->number = is;
	return value;
}

static struct gvariant *read_real(struct reader *reader)
{
	struct gvariant *value = new_basic(reader, 'd');
	char *end;

	value->real = strtod(reader->at, &end);
	reader->at = end;
	return value;
}

/* Decimal, 0x… or 0…, with a sign. */
static struct gvariant *read_whole(struct reader *reader, char letter)
{
	const struct type *type = type_of(letter);
	bool is_negative = *reader->at == '-';
	const char *digits = reader->at + (is_negative || *reader->at == '+');
	struct gvariant *value;
	uint64_t number;
	char *end;

	errno = 0;
	number = strtoull(digits, &end, 0);
	if (errno == ERANGE || (!is_negative && number > type->most) ||
	    (is_negative && number > (uint64_t)0 - (uint64_t)type->least))
		return fail(reader, "a number out of range");
	value = new_basic(reader, letter);
	value->number = is_negative ? (uint64_t)0 - number : number;
	reader->at = end;
	return value;
}

static struct gvariant *read_number(struct reader *reader, const char *wanted)
{
	size_t length = strspn(reader->at, "+-0123456789abcdefABCDEFxX.");
	const char *digits = reader->at + strspn(reader->at, "+-");
	bool is_hexadecimal = digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X');
	bool is_real = !is_hexadecimal && strcspn(reader->at, ".eE") < length;
	struct gvariant *value;

	if (digits - reader->at > 1 || digits[0] < '0' || digits[0] > '9')
		return fail(reader, "not a number");
	if (!fits(wanted, is_real ? "d" : "ynqiuxtd"))
		return fail(reader, "a number where none is wanted");
	if (is_real || (wanted != NULL && *wanted == 'd'))
		value = read_real(reader);
	else
		value = read_whole(reader, wanted != NULL ? *wanted : 'i');
	if (value != NULL && (is_word(*reader->at) || *reader->at == '.'))
		return fail(reader, "not a number");
	return value;
}

/* The character behind a backslash. \u and \U are for what can be written as it is. */
static char unescape(char character)
{
	static const char escapes[] = "abfnrtv", meant[] = "\a\b\f\n\r\t\v";
	const char *found = strchr(escapes, character);

	return found != NULL && character != '\0' ? meant[found - escapes] : character;
}

static struct gvariant *read_text(struct reader *reader, const char *wanted)
{
	char quote = *reader->at;
	char *text = arena_alloc(reader->arena, strlen(reader->at), 1), *end = text;
	struct gvariant *value;

	if (!fits(wanted, "sog"))
		return fail(reader, "a string where none is wanted");
	for (reader->at++; *reader->at != quote; reader->at++) {
		bool is_escaped = *reader->at == '\\';

		if (is_escaped)
			reader->at++;
		if (*reader->at == '\0')
			return fail(reader, "a string without an end");
		if (is_escaped && (*reader->at == 'u' || *reader->at == 'U'))
			return fail(reader, "an escape that is not supported");
		*end++ = is_escaped ? unescape(*reader->at) : *reader->at;
	}
	reader->at++;
	value = new_basic(reader, wanted != NULL ? *wanted : 's');
	value->text = text;
	return value;
}

static struct gvariant *read_value(struct reader *reader, const char *wanted);

/* An empty one needs its type. The first element says the type of all. */
static struct gvariant *read_array(struct reader *reader, const char *wanted)
{
	const char *element = wanted != NULL ? wanted + 1 : NULL;
	struct gvariant *value = new_value(reader, NULL), **last = &value->child;

	if (!fits(wanted, "a"))
		return fail(reader, "an array where none is wanted");
	for (reader->at++; !take(reader, ']');) {
		if (last != &value->child && !take(reader, ','))
			return fail(reader, "neither ',' nor ']'");
		*last = read_value(reader, element);
		if (*last == NULL)
			return NULL;
		element = value->child->signature;
		last = &(*last)->next;
	}
	if (element == NULL)
		return fail(reader, "an empty array needs its type, as in '@as []'");
	value->signature = arena_format(reader->arena, "a%.*s",
					(int)type_length(element, 0), element);
	return value;
}

static struct gvariant *read_tuple(struct reader *reader, const char *wanted)
{
	const char *member = wanted != NULL ? wanted + 1 : NULL;
	struct gvariant *value = new_value(reader, "("), **last = &value->child;

	if (!fits(wanted, "("))
		return fail(reader, "a tuple where none is wanted");
	for (reader->at++; !take(reader, ')');) {
		if (last != &value->child && !take(reader, ','))
			return fail(reader, "neither ',' nor ')'");
		if (last != &value->child && take(reader, ')'))
			break; /* (1,) */
		if (member != NULL && *member == ')')
			return fail(reader, "more than is wanted");
		*last = read_value(reader, member);
		if (*last == NULL)
			return NULL;
		if (member != NULL)
			member += type_length(member, 0);
		value->signature = arena_format(reader->arena, "%s%s", value->signature,
						(*last)->signature);
		last = &(*last)->next;
	}
	if (member != NULL && *member != ')')
		return fail(reader, "less than is wanted");
	if (value->child == NULL)
		return fail(reader, "an empty tuple");
	value->signature = arena_format(reader->arena, "%s)", value->signature);
	return value;
}

/* "@as " and "uint64 " say the type of what follows, and nothing else may. */
static struct gvariant *read_typed(struct reader *reader, const char *type,
				   const char *wanted)
{
	size_t length = type_length(type, 0);

	if (wanted != NULL && strncmp(type, wanted, length) != 0)
		return fail(reader, "another type than is wanted");
	return read_value(reader, type);
}

static struct gvariant *read_inner(struct reader *reader, const char *wanted)
{
	if (take(reader, '@')) {
		const char *type = reader->at;
		size_t length = type_length(type, 0);

		if (length == 0)
			return fail(reader, "not a type");
		reader->at += length;
		return read_typed(reader, arena_text(reader->arena, type, length),
				  wanted);
	}
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (take_word(reader, types[i].word))
			return read_typed(reader,
					  arena_text(reader->arena, &types[i].letter, 1),
					  wanted);
	}
	if (take_word(reader, "true"))
		return read_boolean(reader, wanted, true);
	if (take_word(reader, "false"))
		return read_boolean(reader, wanted, false);
	if (*reader->at == '\'' || *reader->at == '"')
		return read_text(reader, wanted);
	if (*reader->at == '[')
		return read_array(reader, wanted);
	if (*reader->at == '(')
		return read_tuple(reader, wanted);
	return read_number(reader, wanted);
}

static struct gvariant *read_value(struct reader *reader, const char *wanted)
{
	struct gvariant *value;

	skip_blanks(reader);
	if (reader->depth == GVARIANT_DEPTH_MAX)
		return fail(reader, "nested too deep");
	reader->depth++;
	value = read_inner(reader, wanted);
	reader->depth--;
	return value;
}

const struct gvariant *gvariant_parse(struct arena *arena, const char *text,
				      struct error *err)
{
	struct reader reader = { arena, text, text, 0, err };
	const struct gvariant *value = read_value(&reader, NULL);

	skip_blanks(&reader);
	if (value != NULL && *reader.at != '\0')
		return fail(&reader, "more than one value");
	return value;
}
