/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * gvariant - values in GLib's text format for them, as annotations have them for the
 * service manager: `true`, `5`, `uint64 90000000`, `'text'`, `["a", "b"]`,
 * `[("/dev/null", "rw")]`, `@as []`. Dictionaries, maybes and variants, which no property
 * of a unit has, are refused. Pure. The format: GVariant Text Format in GLib's manual.
 */

#include <stddef.h>
#include <stdint.h>

struct arena;
struct error;

enum { GVARIANT_DEPTH_MAX = 16 };

/* The types are those of D-Bus signatures: b y n q i u x t d s o g, "a…", "(…)". */
struct gvariant {
	const char *signature; /* the whole of it */
	union {
		uint64_t number;        /* b y n q i u x t; a negative one by its bits */
		double real;            /* d */
		const char *text;       /* s o g */
		struct gvariant *child; /* a (: the first */
	};
	struct gvariant *next; /* of the same parent */
};

/* The value that the whole text is, in the arena; or NULL: where it is wrong, in bytes
 * from 1, and why. */
const struct gvariant *gvariant_parse(struct arena *arena, const char *text,
				      struct error *err);
