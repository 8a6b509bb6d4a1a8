/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* version - of the runtime specification: the first that validate.c accepts, and the one
 * that minirun is written after. */

#define OCI_VERSION_MIN "1.0.0"
#define OCI_VERSION     "1.3.0"
