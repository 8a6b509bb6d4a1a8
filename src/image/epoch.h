/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* epoch - SOURCE_DATE_EPOCH of the environment: when what is made is said to be from.
 * Contract: reproducible-builds.org/specs/source-date-epoch. */

#include <stdint.h>

struct error;

/* 1 and the seconds; 0: it is not set. */
int epoch_read(int64_t *seconds, struct error *err);
