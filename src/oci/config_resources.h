/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* config_resources - the tables of linux.resources, for those of the whole document in
 * config.c. */

#include "oci/layout.h"

extern const struct layout config_resources_layout;
