/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * acl - access control lists as star and `tar --acls` write them (SCHILY.acl.access,
 * SCHILY.acl.default). Those that are extended attributes are none of its business.
 * Contract: acl(5), linux/posix_acl_xattr.h.
 */

struct archive_entry;
struct error;

/* Takes away what the file at the path got from a default list of its directory. */
int acl_clear(const char *path, struct error *err);

/* To the file at the path, of which links are not followed. A user or group that has a
 * name and no number is an error: what the name means is written in the image, if
 * anywhere. */
int acl_apply(struct archive_entry *entry, const char *path, struct error *err);
