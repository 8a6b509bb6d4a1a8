/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* properties - those of a unit in a message of D-Bus: an array of name and variant. */

#include <stddef.h>

struct sd_bus_message;
struct systemd_property;

/* 0, or a negative errno value as libsystemd's functions return it. */
int properties_append(struct sd_bus_message *message,
		      const struct systemd_property *properties, size_t count);
