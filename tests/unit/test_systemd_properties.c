/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "check.h"
#include "oci/gvariant.h"
#include "oci/json.h"
#include "oci/systemd_properties.h"

static struct arena arena;
static struct error err;
static struct systemd_property *properties;
static size_t count;

/* Of one annotation. */
static int read_property(const char *name, const char *value)
{
	struct json *annotations = json_add(&arena, NULL, JSON_OBJECT, NULL, NULL);

	(void)json_add(&arena, annotations, JSON_STRING, "org.example", "not one");
	(void)json_add(&arena, annotations, JSON_STRING,
		       arena_format(&arena, SYSTEMD_PROPERTIES_PREFIX "%s", name), value);
	return systemd_properties_read(annotations, &arena, &properties, &count, &err);
}

static void a_property_has_its_name_and_value(void)
{
	CHECK(read_property("CollectMode", "'inactive-or-failed'") == 0 && count == 1);
	CHECK_TEXT(properties[0].name, "CollectMode");
	CHECK_TEXT(properties[0].value->signature, "s");
	CHECK(systemd_properties_read(NULL, &arena, &properties, &count, &err) == 0 &&
	      count == 0);
}

static void seconds_become_microseconds(void)
{
	static const struct {
		const char *name, *value, *want;
		uint64_t number;
	} table[] = {
		{ "TimeoutStopSec", "10", "TimeoutStopUSec", 10000000 },
		{ "TimeoutStopSec", "uint64 1", "TimeoutStopUSec", 1000000 },
		{ "TimeoutStopSec", "1.5", "TimeoutStopUSec", 1500000 },
		{ "TimeoutStopUSec", "uint64 5", "TimeoutStopUSec", 5 },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		CHECK(read_property(table[i].name, table[i].value) == 0 && count == 1);
		CHECK_TEXT(properties[0].name, table[i].want);
		CHECK_TEXT(properties[0].value->signature, "t");
		CHECK(properties[0].value->number == table[i].number);
	}
}

static void what_is_none_is_told(void)
{
	static const struct {
		const char *name, *value, *message;
	} table[] = {
		{ "ab", "1", "'ab' is no name of a unit's property" },
		{ "A_b", "1", "'A_b' is no name of a unit's property" },
		{ "", "1", "'' is no name of a unit's property" },
		{ "KillMode", "control", "not a GVariant text: byte 1: not a number" },
		{ "StopSec", "-1", "not a number of seconds" },
		{ "StopSec", "'1'", "not a number of seconds" },
		{ "StopSec", "1e300", "not a number of seconds" },
		{ "StopSec", "uint64 18446744073709551615", "not a number of seconds" },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		CHECK(read_property(table[i].name, table[i].value) < 0);
		CHECK_TEXT(err.text, table[i].message);
		CHECK(strncmp(err.where, "annotations[\"org.systemd.property.", 34) == 0);
	}
}

int main(void)
{
	RUN(a_property_has_its_name_and_value);
	RUN(seconds_become_microseconds);
	RUN(what_is_none_is_told);
	arena_release(&arena);
	return check_done();
}
