/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * compare - whether what an upper holds is another thing than what the lowers show at the
 * same path. Overlayfs copies up what is only opened for writing, and a directory for
 * what is changed in it; such a copy is the same.
 */

struct error;
struct inside_ids;
struct walk_entry;

/*
 * 1: they differ, 0: they do not, in type, owner, mode, attributes, target, device
 * number, size, time of change and content; the last is read only when all others are the
 * same. The time of a directory says nothing: it changes with what is in it. ids: of the
 * container; from outside the upper has those of the host, and the lowers the image's.
 */
int compare_entries(const struct walk_entry *upper, const struct walk_entry *lower,
		    const struct inside_ids *ids, struct error *err);
