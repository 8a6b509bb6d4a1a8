/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/tree.h"
#include "container/layers_parts.h"

/* Opens the directory that holds the link; *name is the link's in it. */
static int open_claims(const char *claim, const char **name, struct error *err)
{
	auto_free char *parent = NULL;

	*name = strrchr(claim, '/') + 1;
	parent = strndup(claim, (size_t)(*name - claim));
	if (parent == NULL)
		return error_set(err, errno, "cannot claim the upper");
	return tree_make(AT_FDCWD, parent, err);
}

static int read_link(int dirfd, const char *name, char target[PATH_MAX])
{
	ssize_t length = readlinkat(dirfd, name, target, PATH_MAX - 1);

	if (length < 0)
		return -1;
	target[length] = '\0';
	return 0;
}

/* The holder is gone when its directory in the registry is: deleted by hand, or by a
 * reboot that emptied /run. */
static bool is_held(const char *holder)
{
	struct stat status;

	return lstat(holder, &status) == 0 || errno != ENOENT;
}

int layers_claim_take(const char *claim, const char *container, int upper,
		      struct error *err)
{
	const char *name;
	char holder[PATH_MAX];
	auto_close int dirfd = open_claims(claim, &name, err);

	if (dirfd < 0)
		return -1;
	/* Two that find the same stale link must not both replace it. */
	if (flock(upper, LOCK_EX) < 0)
		return error_set(err, errno, "cannot lock the upper");
	if (read_link(dirfd, name, holder) == 0) {
		if (strcmp(holder, container) != 0 && is_held(holder))
			return error_set(err, 0, "it is in use by container '%s'",
					 strrchr(holder, '/') != NULL
						 ? strrchr(holder, '/') + 1
						 : holder);
		(void)unlinkat(dirfd, name, 0);
	}
	if (symlinkat(container, dirfd, name) < 0)
		return error_set(err, errno, "cannot make '%s'", claim);
	(void)flock(upper, LOCK_UN);
	return 0;
}

/* Whether ROOT/ID is the container whose data directory ends in ID-HASH. */
static bool is_holder(const char *holder, const char *data_directory)
{
	const char *id = strrchr(holder, '/');
	const char *name = strrchr(data_directory, '/');
	char hash[17];
	size_t length;

	if (id == NULL || name == NULL)
		return false;
	layers_root_hash(holder, (size_t)(id - holder), hash);
	length = strlen(++id);
	return strncmp(++name, id, length) == 0 && name[length] == '-' &&
	       strcmp(name + length + 1, hash) == 0;
}

int layers_claim_drop(const char *claim, const char *data_directory, struct error *err)
{
	char holder[PATH_MAX];

	if (read_link(AT_FDCWD, claim, holder) < 0)
		return errno == ENOENT || errno == ENOTDIR
			       ? 0
			       : error_set(err, errno, "cannot read '%s'", claim);
	if (!is_holder(holder, data_directory))
		return 0;
	if (unlink(claim) < 0 && errno != ENOENT)
		return error_set(err, errno, "cannot remove '%s'", claim);
	return 0;
}
