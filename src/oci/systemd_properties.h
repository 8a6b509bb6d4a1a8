/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * systemd_properties - annotations org.systemd.property.NAME: properties of the unit that
 * a service manager makes for the container, systemd.unit(5). As runc takes them: NAME is
 * of three letters or more, the value a GVariant text; NAMESec in seconds, a number of
 * whatever type, stands for NAMEUSec in microseconds. Pure.
 */

#include <stddef.h>

#define SYSTEMD_PROPERTIES_PREFIX "org.systemd.property."

struct arena;
struct error;
struct gvariant;
struct json;

struct systemd_property {
	const char *name;
	const struct gvariant *value;
};

/* Those of the annotations, an object of strings or NULL, in their order, in the arena.
 * err->where is set. */
int systemd_properties_read(const struct json *annotations, struct arena *arena,
			    struct systemd_property **properties, size_t *count,
			    struct error *err);
