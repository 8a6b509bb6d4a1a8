/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "check.h"
#include "oci/gvariant.h"

static struct arena arena;
static struct error err;

static const struct gvariant *parse(const char *text)
{
	const struct gvariant *value = gvariant_parse(&arena, text, &err);

	if (value == NULL)
		printf("# '%s': %s\n", text, err.text);
	return value;
}

static void numbers_have_the_type_that_is_said(void)
{
	static const struct {
		const char *text, *signature;
		int64_t number;
	} table[] = {
		{ "5", "i", 5 },
		{ " -5 ", "i", -5 },
		{ "+5", "i", 5 },
		{ "0x1F", "i", 31 },
		{ "0xe", "i", 14 },
		{ "010", "i", 8 },
		{ "-2147483648", "i", INT32_MIN },
		{ "byte 255", "y", 255 },
		{ "int16 -32768", "n", INT16_MIN },
		{ "uint16 65535", "q", UINT16_MAX },
		{ "uint32 4294967295", "u", UINT32_MAX },
		{ "int64 -9223372036854775808", "x", INT64_MIN },
		{ "uint64 18446744073709551615", "t", -1 },
		{ "@u 7", "u", 7 },
		{ "true", "b", 1 },
		{ "boolean false", "b", 0 },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct gvariant *value = parse(table[i].text);

		CHECK(value != NULL);
		if (value == NULL)
			continue;
		CHECK_TEXT(value->signature, table[i].signature);
		CHECK((int64_t)value->number == table[i].number);
	}
}

static void a_point_or_an_exponent_makes_a_double(void)
{
	static const struct {
		const char *text;
		double real;
	} table[] = {
		{ "1.5", 1.5 }, { "-2e3", -2000 }, { "1E-2", 0.01 }, { "double 3", 3 }
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct gvariant *value = parse(table[i].text);

		CHECK(value != NULL && strcmp(value->signature, "d") == 0 &&
		      fabs(value->real - table[i].real) < 1e-9);
	}
}

static void strings_are_without_their_quotes(void)
{
	static const struct {
		const char *text, *signature, *want;
	} table[] = {
		{ "'text'", "s", "text" },        { "\"it's\"", "s", "it's" },
		{ "'a\\'b'", "s", "a'b" },        { "'a\\\\b'", "s", "a\\b" },
		{ "'a\\nb\\q'", "s", "a\nbq" },   { "''", "s", "" },
		{ "objectpath '/a'", "o", "/a" }, { "@g 'as'", "g", "as" },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct gvariant *value = parse(table[i].text);

		CHECK(value != NULL);
		if (value == NULL)
			continue;
		CHECK_TEXT(value->signature, table[i].signature);
		CHECK_TEXT(value->text, table[i].want);
	}
}

static void arrays_and_tuples_have_what_is_in_them(void)
{
	const struct gvariant *value =
		parse("[('/dev/null', \"rw\"), ('/dev/zero','r')]");
	static const struct {
		const char *text, *signature;
	} table[] = {
		{ "['a', 'b']", "as" },
		{ "@as []", "as" },
		{ "@aas [[], ['a']]", "aas" },
		{ "[uint16 1, 2]", "aq" },
		{ "@at [1, 2]", "at" },
		{ "('a', 1)", "(si)" },
		{ "('a',)", "(s)" },
		{ "@(st) ('a', 1)", "(st)" },
		{ "[('/dev/sda', uint64 5)]", "a(st)" },
		{ "@a(ssb) [('a', 'b', true)]", "a(ssb)" },
	};

	CHECK(value != NULL && strcmp(value->signature, "a(ss)") == 0);
	if (value != NULL) {
		CHECK_TEXT(value->child->child->text, "/dev/null");
		CHECK_TEXT(value->child->next->child->next->text, "r");
		CHECK(value->child->next->next == NULL);
	}
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		value = parse(table[i].text);
		CHECK(value != NULL);
		if (value != NULL)
			CHECK_TEXT(value->signature, table[i].signature);
	}
}

static void what_is_wrong_is_told_with_its_place(void)
{
	static const struct {
		const char *text, *message;
	} table[] = {
		{ "", "byte 1: not a number" },
		{ "yes", "byte 1: not a number" },
		{ "1 2", "byte 3: more than one value" },
		{ "--1", "byte 1: not a number" },
		{ "1x", "byte 2: not a number" },
		{ "2147483648", "byte 1: a number out of range" },
		{ "byte 256", "byte 6: a number out of range" },
		{ "byte -1", "byte 6: a number out of range" },
		{ "uint64 18446744073709551616", "byte 8: a number out of range" },
		{ "uint32 1.5", "byte 8: a number where none is wanted" },
		{ "string 5", "byte 8: a number where none is wanted" },
		{ "'a", "byte 3: a string without an end" },
		{ "'a\\", "byte 4: a string without an end" },
		{ "'\\u0041'", "byte 3: an escape that is not supported" },
		{ "[]", "byte 3: an empty array needs its type, as in '@as []'" },
		{ "[1, 'a']", "byte 5: a string where none is wanted" },
		{ "[1 2]", "byte 4: neither ',' nor ']'" },
		{ "[1,]", "byte 4: not a number" },
		{ "(1 2)", "byte 4: neither ',' nor ')'" },
		{ "()", "byte 3: an empty tuple" },
		{ "@(ss) ('a',)", "byte 13: less than is wanted" },
		{ "@(s) ('a', 'b')", "byte 12: more than is wanted" },
		{ "@u 'a'", "byte 4: a string where none is wanted" },
		{ "@u true", "byte 4: a boolean where none is wanted" },
		{ "@u [1]", "byte 4: an array where none is wanted" },
		{ "@u (1,)", "byte 4: a tuple where none is wanted" },
		{ "@z 1", "byte 2: not a type" },
		{ "@( 1", "byte 2: not a type" },
		{ "@u uint64 1", "byte 10: another type than is wanted" },
		{ "{'a': 1}", "byte 1: not a number" },
		{ "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", "byte 17: nested too deep" },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		CHECK(gvariant_parse(&arena, table[i].text, &err) == NULL);
		CHECK_TEXT(err.text, table[i].message);
	}
}

int main(void)
{
	RUN(numbers_have_the_type_that_is_said);
	RUN(a_point_or_an_exponent_makes_a_double);
	RUN(strings_are_without_their_quotes);
	RUN(arrays_and_tuples_have_what_is_in_them);
	RUN(what_is_wrong_is_told_with_its_place);
	arena_release(&arena);
	return check_done();
}
