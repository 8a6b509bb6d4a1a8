/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* image_user - "User" of an image's configuration in numbers: config.md and conversion.md
 * of the image specification; passwd(5) and group(5) are the image's. Pure. */

#include <stddef.h>
#include <stdint.h>

struct arena;
struct error;

struct image_user {
	int64_t uid, gid;
	int64_t *groups; /* additional ones: of a user that was given by name alone */
	size_t groups_count;
	const char *home; /* as the image has it, or NULL */
};

/* user: "" or NULL (root), "USER", "UID", with ":GROUP" or ":GID" behind. passwd, group:
 * texts of those files, "" if there are none. In the arena. */
int image_user_find(struct image_user *found, const char *user, const char *passwd,
		    const char *group, struct arena *arena, struct error *err);
