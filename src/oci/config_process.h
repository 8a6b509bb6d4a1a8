/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* config_process - the tables of process, for those of the whole document in config.c. */

#include "oci/layout.h"

extern const struct layout config_process_layout;
