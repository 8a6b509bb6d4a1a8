/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/systemd_properties.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "oci/gvariant.h"
#include "oci/json.h"

static bool is_name(const char *name)
{
	size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz"
				     "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

	return length >= 3 && name[length] == '\0';
}

static bool is_seconds(const char *name)
{
	size_t length = strlen(name);

	return length > 3 && strcmp(name + length - 3, "Sec") == 0 &&
	       (length < 4 || strcmp(name + length - 4, "USec") != 0);
}

/* The microseconds in a number of seconds of any type. */
static bool to_microseconds(const struct gvariant *seconds, uint64_t *microseconds)
{
	switch (seconds->signature[0]) {
	case 'd':
		if (!(seconds->real >= 0 && seconds->real < 1e12))
			return false;
		*microseconds = (uint64_t)(seconds->real * 1e6);
		return true;
	case 'n':
	case 'i':
	case 'x':
		if ((int64_t)seconds->number < 0)
			return false;
		break;
	case 'y':
	case 'q':
	case 'u':
	case 't':
		break;
	default:
		return false;
	}
	return !__builtin_mul_overflow(seconds->number, (uint64_t)1000000, microseconds);
}

static int convert(struct systemd_property *property, struct arena *arena,
		   struct error *err)
{
	size_t stem = strlen(property->name) - strlen("Sec");
	struct gvariant *value = arena_alloc(arena, 1, sizeof(*value));

	value->signature = "t";
	if (!to_microseconds(property->value, &value->number))
		return error_set(err, 0, "not a number of seconds");
	property->name = arena_format(arena, "%.*sUSec", (int)stem, property->name);
	property->value = value;
	return 0;
}

static int read_one(const struct json *annotation, struct arena *arena,
		    struct systemd_property *property, struct error *err)
{
	property->name = annotation->key + strlen(SYSTEMD_PROPERTIES_PREFIX);
	if (!is_name(property->name))
		return error_set(err, 0, "'%s' is no name of a unit's property",
				 property->name);
	property->value = gvariant_parse(arena, annotation->text, err);
	if (property->value == NULL)
		return error_prefix(err, "not a GVariant text");
	return is_seconds(property->name) ? convert(property, arena, err) : 0;
}

int systemd_properties_read(const struct json *annotations, struct arena *arena,
			    struct systemd_property **properties, size_t *count,
			    struct error *err)
{
	*count = 0;
	*properties = NULL;
	if (annotations == NULL)
		return 0;
	json_foreach (annotation, annotations) {
		if (strncmp(annotation->key, SYSTEMD_PROPERTIES_PREFIX,
			    strlen(SYSTEMD_PROPERTIES_PREFIX)) != 0)
			continue;
		if (*properties == NULL)
			*properties = arena_alloc(arena, annotations->count,
						  sizeof(**properties));
		if (read_one(annotation, arena, &(*properties)[*count], err) < 0)
			return error_at(err, "annotations[\"%s\"]", annotation->key);
		(*count)++;
	}
	return 0;
}
