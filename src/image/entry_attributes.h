/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* entry_attributes - owner, mode, extended attributes and access lists of a tar's entry
 * to the file that was made for it. */

struct archive_entry;
struct error;
struct losses;

/* parent/name was just made by us, in a tree that nobody else writes to. */
int entry_attributes_apply(struct archive_entry *entry, int parent, const char *name,
			   struct losses *losses, struct error *err);
