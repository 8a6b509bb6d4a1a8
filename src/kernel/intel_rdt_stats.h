/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* intel_rdt_stats - what the container's class of resctrl may use, and what was counted,
 * as the object intel_rdt of runc's `events`. Contract: types/events.go of runc,
 * Documentation/filesystems/resctrl.rst. */

struct intel_rdt;
struct json_writer;

/* Puts the object; what cannot be read is left out. root: where resctrl is mounted; not
 * looked at if the container has no class. */
void intel_rdt_stats_put(const struct intel_rdt *rdt, const char *root,
			 struct json_writer *json);
