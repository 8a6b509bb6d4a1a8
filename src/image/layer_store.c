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

int layer_store_put(int layersfd, const char *hex, int scratchfd, const char *name,
		    struct error *err)
{
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
