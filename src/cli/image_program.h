/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* image_program - the verbs that are another program's: archives and digests are not
 * linked into this one. */

struct error;
struct globals;

/* Becomes minirun-image, which gets our words; returns only when it cannot: -1. */
int image_program_execute(const struct globals *globals, struct error *err);
