/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cgroup_systemd - linux.resources as properties of a unit: what systemd would otherwise
 * set back when it comes by, systemd.resource-control(5). The rest is in files alone, and
 * those are not systemd's.
 */

#include <stddef.h>

struct config_resources;
struct json_writer;

/*
 * Adds members to an object: a property, and its value as GVariant text. Of two with one
 * name the last counts. Limits are those of v2, whose files they are made of, `unified`
 * among them; so both say the same. How many there are; resources may be NULL. Pure.
 */
size_t cgroup_systemd_put(const struct config_resources *resources,
			  struct json_writer *json);
