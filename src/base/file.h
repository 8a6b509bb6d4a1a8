/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* file - whole files by directory descriptor, and reads and writes that finish. */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct error;
struct text;

/* Bytes read until end of file or size; -1 and errno. Never short otherwise. */
ssize_t file_read_full(int fd, void *buffer, size_t size);

/* 0 once every byte is written, -1 and errno. */
int file_write_full(int fd, const void *bytes, size_t size);

/*
 * Adds the content of dirfd/path to *text; an error if it has more than `most`
 * bytes or is not a regular file (procfs and sysfs files are regular).
 */
int file_read(int dirfd, const char *path, size_t most, struct text *text,
	      struct error *err);

/* The same for what is open, a pipe too; `name` is for the message. */
int file_read_open(int fd, const char *name, size_t most, struct text *text,
		   struct error *err);

/* One write() of a short value to an existing file, as procfs and cgroupfs want it. */
int file_write(int dirfd, const char *path, const char *value, struct error *err);

/* Whether both paths lead to one file; not when either leads nowhere. */
bool file_is_same(const char *path, const char *other);

/*
 * Puts a new file in the place of dirfd/name, so that a reader sees the old or the
 * new one and a kill leaves either: written under name.new, then renamed. The caller
 * holds the lock of the directory.
 */
int file_replace(int dirfd, const char *name, const struct text *text, struct error *err);
