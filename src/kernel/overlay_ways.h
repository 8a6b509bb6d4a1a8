/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* overlay_ways - the three interfaces to overlayfs, the newest first. */

struct error;
struct overlay;

enum overlay_result {
	OVERLAY_FAILED = -1, /* *err says why */
	OVERLAY_UNKNOWN =
		-2, /* this kernel may lack the interface; *err says what it said */
};

/* A detached mount, owned, or an enum overlay_result. */
int overlay_open_by_fd(const struct overlay *overlay, struct error *err);
int overlay_open_by_name(const struct overlay *overlay, struct error *err);
int overlay_open_by_page(const struct overlay *overlay, struct error *err);
