/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* spec - the configuration that a new bundle starts from: the members, values and order
 * that runc's `spec` writes, with ociVersion 1.3.0. */

#include <sys/types.h>

struct text;

void spec_write(struct text *text);

/* The same for an ordinary user, runc's `spec --rootless`: a user namespace in which that
 * user is root, the host's network and its /sys, no resources. */
void spec_write_rootless(struct text *text, uid_t uid, gid_t gid);
