/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* spec - the configuration that a new bundle starts from: the members, values and order
 * that runc's `spec` writes, with ociVersion 1.3.0. */

struct text;

void spec_write(struct text *text);
