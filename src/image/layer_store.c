/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/tree.h"
#include "image/layer_store.h"
#include "image/store_record.h"
#include "image/tree_digest.h"

/* Not for other users of the host: programs of an image may be setuid, and digests are no
 * secret (CVE-2021-41103). */
int layer_store_open(const char *store, struct error *err)
{
	auto_close int storefd = tree_make(AT_FDCWD, store, err);
	int fd = -1;

	if (storefd < 0)
		return -1;
	if (mkdirat(storefd, "sha256", 0700) == 0 || errno == EEXIST)
		fd = openat(storefd, "sha256", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return error_set(err, errno, "cannot make '%s/sha256'", store);
	return fd;
}

/* What it is now, for who asks later whether it still is. */
static int put_record(int layersfd, const char *hex, int scratchfd, const char *name,
		      struct error *err)
{
	auto_close int store = openat(layersfd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_close int root =
		openat(scratchfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct tree_digest tree;

	if (store < 0 || root < 0)
		return error_set(err, errno, "cannot open the layer sha256:%s", hex);
	if (tree_digest_take(root, &tree, err) < 0)
		return -1;
	return store_record_write(store, hex, &tree, scratchfd, err);
}

int layer_store_put(int layersfd, const char *hex, int scratchfd, const char *name,
		    struct error *err)
{
	if (put_record(layersfd, hex, scratchfd, name, err) < 0)
		return -1;
	/* An empty layer would be replaced by another one, under those who use it. */
	if (renameat2(scratchfd, name, layersfd, hex, RENAME_NOREPLACE) == 0)
		return 0;
	/* Where a file system cannot do that, renameat2(2). */
	if (errno == EINVAL && renameat(scratchfd, name, layersfd, hex) == 0)
		return 0;
	if (errno == EEXIST || errno == ENOTEMPTY)
		return tree_remove(scratchfd, name, err);
	return error_set(err, errno, "cannot move the layer sha256:%s to the store", hex);
}
