/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* target - where a commit goes, in words:
 *
 *	-                       standard output
 *	oci:DIR[:TAG]           a directory that is an image layout
 *	oci-archive:FILE[:TAG]  the same as a tar
 *	FILE
 *
 * A path in the second and third form has no colon. Pure. */

struct arena;
struct error;

enum target_kind {
	TARGET_TAR,
	TARGET_LAYOUT,
	TARGET_ARCHIVE,
};

struct target {
	enum target_kind kind;
	const char *text; /* as it was given */
	const char *path;
	const char *tag; /* NULL: none was given */
};

/* *target is in the arena, the text is borrowed. */
int target_parse(struct target *target, const char *text, struct arena *arena,
		 struct error *err);
