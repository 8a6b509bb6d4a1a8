/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* intel_rdt_schema - whether a class of resctrl has the shares that are asked for. Pure.
 */

#include <stdint.h>

/*
 * The first of the lines wanted, such as "L3:0=ff;1=c0" or "MB:0=50", that the file
 * schemata does not have, else NULL. They are compared as numbers; what a line does not
 * name may be anything. Bandwidth comes in steps, which the kernel rounds up to.
 */
const char *intel_rdt_schema_differs(const char *wanted, const char *schemata,
				     uint64_t step);
