/* SPDX-License-Identifier: Apache-2.0 */
#include "systemd/properties.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <systemd/sd-bus.h>

#include "oci/gvariant.h"
#include "oci/systemd_properties.h"

static int append_number(sd_bus_message *message, const struct gvariant *value)
{
	const uint64_t number = value->number;

	/* Each as wide as sd_bus_message_append_basic(3) wants it. */
	switch (value->signature[0]) {
	case 'b':
		return sd_bus_message_append(message, "b", (int)number);
	case 'y':
		return sd_bus_message_append(message, "y", (int)number);
	case 'n':
		return sd_bus_message_append(message, "n", (int)number);
	case 'q':
		return sd_bus_message_append(message, "q", (int)number);
	case 'i':
		return sd_bus_message_append(message, "i", (int32_t)number);
	case 'u':
		return sd_bus_message_append(message, "u", (uint32_t)number);
	case 'x':
		return sd_bus_message_append(message, "x", (int64_t)number);
	default:
		return sd_bus_message_append(message, "t", number);
	}
}

static int append_value(sd_bus_message *message, const struct gvariant *value);

/* "as" holds "s", and "(ss)" holds "ss". */
static int append_container(sd_bus_message *message, const struct gvariant *value)
{
	bool is_tuple = value->signature[0] == '(';
	size_t length = strlen(value->signature) - (is_tuple ? 2 : 1);
	char contents[256];
	int result;

	if (length >= sizeof(contents))
		return -E2BIG;
	memcpy(contents, value->signature + 1, length);
	contents[length] = '\0';
	result = sd_bus_message_open_container(
		message, is_tuple ? SD_BUS_TYPE_STRUCT : SD_BUS_TYPE_ARRAY, contents);
	for (const struct gvariant *child = value->child; child != NULL && result >= 0;
	     child = child->next)
		result = append_value(message, child);
	return result < 0 ? result : sd_bus_message_close_container(message);
}

static int append_value(sd_bus_message *message, const struct gvariant *value)
{
	char type = value->signature[0];

	switch (type) {
	case 'a':
	case '(':
		return append_container(message, value);
	case 's':
	case 'o':
	case 'g':
		return sd_bus_message_append_basic(message, type, value->text);
	case 'd':
		return sd_bus_message_append(message, "d", value->real);
	default:
		return append_number(message, value);
	}
}

static int append_one(sd_bus_message *message, const struct systemd_property *property)
{
	int result = sd_bus_message_open_container(message, SD_BUS_TYPE_STRUCT, "sv");

	if (result >= 0)
		result = sd_bus_message_append(message, "s", property->name);
	if (result >= 0)
		result = sd_bus_message_open_container(message, SD_BUS_TYPE_VARIANT,
						       property->value->signature);
	if (result >= 0)
		result = append_value(message, property->value);
	if (result >= 0)
		result = sd_bus_message_close_container(message);
	return result < 0 ? result : sd_bus_message_close_container(message);
}

int properties_append(sd_bus_message *message, const struct systemd_property *properties,
		      size_t count)
{
	int result = sd_bus_message_open_container(message, SD_BUS_TYPE_ARRAY, "(sv)");

	for (size_t i = 0; i < count && result >= 0; i++)
		result = append_one(message, &properties[i]);
	return result < 0 ? result : sd_bus_message_close_container(message);
}
