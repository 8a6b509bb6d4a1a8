/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * archive_files - the files of an image layout that is a tar, plain or compressed, out of
 * it: without names (O_TMPFILE), so that nothing of them is left, whatever happens.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct error;

enum { ARCHIVE_FILES_MAX = 2048 };

struct archive_files {
	struct arena arena;
	struct archive_file *first;
	size_t count;
	bool has_manifest; /* a "manifest.json", as `docker save` writes it */
};

/* Those that a layout has: "oci-layout", "index.json" and "blobs/sha256/HEX"; all else is
 * passed over. Each is once there and regular. directory: where there is room for them.
 * *files is zero before. */
int archive_files_read(struct archive_files *files, const char *path, int directory,
		       struct error *err);

/* An owned descriptor, at the beginning of the file; -1 and errno. */
int archive_files_open(const struct archive_files *files, const char *name);

void archive_files_release(struct archive_files *files);
