/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * copy - files with everything that stat(1) and getfattr(1) show, by descriptor, links
 * copied and never followed.
 */

struct error;

/* Owner, mode, extended attributes and times of one open file to another. What belongs
 * to overlayfs ("trusted.overlay.", "user.overlay.") stays behind. */
int copy_attributes(int from, int to, struct error *err);

/* The two times of it alone: making an entry in a directory changes them. */
int copy_times(int from, int to, struct error *err);

/* Everything in directory `from`, and its attributes, to the empty directory `to`. Hard
 * links become files of their own. */
int copy_directory(int from, int to, struct error *err);
