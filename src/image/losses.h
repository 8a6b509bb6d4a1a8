/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* losses - what of a layer an ordinary user cannot have on the disk: files of other
 * users, device nodes, attributes that are not in "user.". */

#include <stdbool.h>
#include <stdint.h>

struct losses {
	bool are_allowed; /* else each of them is an error */
	uint64_t owners, devices, attributes;
};

/* Warns of them in one line, if there are any. */
void losses_warn(const struct losses *losses);
