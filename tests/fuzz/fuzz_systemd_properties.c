/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "oci/gvariant.h"
#include "oci/json.h"
#include "oci/systemd_properties.h"

/* The value of a property: what passes has a type in each of its parts. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct gvariant *value)
{
	assert(value->signature != NULL && value->signature[0] != '\0');
	if (value->signature[0] != 'a' && value->signature[0] != '(')
		return;
	for (const struct gvariant *child = value->child; child != NULL;
	     child = child->next) {
		check(child);
		if (value->signature[0] == 'a')
			assert(strcmp(child->signature, value->signature + 1) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena arena = { 0 };
	struct error err = { 0 };
	struct json *annotations = json_add(&arena, NULL, JSON_OBJECT, NULL, NULL);
	struct systemd_property *properties;
	size_t count;

	(void)json_add(&arena, annotations, JSON_STRING,
		       SYSTEMD_PROPERTIES_PREFIX "DeviceAllow",
		       arena_text(&arena, data, size));
	if (systemd_properties_read(annotations, &arena, &properties, &count, &err) < 0) {
		assert(err.text[0] != '\0');
		return 0;
	}
	assert(count == 1);
	check(properties[0].value);
	return 0;
}
