/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "container/layers.h"
#include "container/layers_parts.h"
#include "kernel/id_maps.h"
#include "oci/config.h"

struct owner {
	uint64_t uid, gid;
};

/* Who is root inside, by the ids of the host. */
static bool find_root(const struct config_linux *linux_, struct owner *root)
{
	return id_maps_to_host(linux_->uid_mappings, linux_->uid_mappings_count, 0,
			       &root->uid) &&
	       id_maps_to_host(linux_->gid_mappings, linux_->gid_mappings_count, 0,
			       &root->gid);
}

int layers_check_ids(const struct layers_request *request, struct error *err)
{
	const struct config_linux *linux_ = request->config->linux_;
	struct owner root;

	for (size_t i = 0; linux_ != NULL && i < linux_->namespaces_count; i++) {
		if (strcmp(linux_->namespaces[i].type, "user") != 0 ||
		    find_root(linux_, &root))
			continue;
		(void)error_set(err, 0,
				"an overlay root needs ids for user and group 0 "
				"of the user namespace");
		return error_at(err, "linux.uidMappings");
	}
	return 0;
}

int layers_map_ids(int *fd, int user_namespace, struct error *err)
{
	auto_close int tree =
		open_tree(*fd, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);

	if (tree < 0)
		return error_set(err, errno, "cannot clone the mount of a layer");
	if (id_maps_set(tree, 0, user_namespace, err) < 0)
		return error_prefix(err, "a layer");
	(void)close(*fd);
	*fd = take_fd(&tree);
	return 0;
}

int layers_own_upper(int upper, int lower, struct error *err)
{
	struct stat status;

	if (fstat(lower, &status) == 0 &&
	    fchownat(upper, "", status.st_uid, status.st_gid, AT_EMPTY_PATH) == 0)
		return 0;
	return error_set(err, errno, "cannot give the upper its owner");
}

/* Of what is ours, as it was made, and not a copy of the image's, whose ids are mapped.
 */
static int own(int dirfd, const char *name, const struct owner *root, struct error *err)
{
	struct stat status;

	if (fstatat(dirfd, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return error_set(err, errno, "cannot look at '%s'", name);
	if (status.st_uid != geteuid() ||
	    fchownat(dirfd, name, (uid_t)root->uid, (gid_t)root->gid,
		     AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	return error_set(err, errno, "cannot give '%s' its owner", name);
}

static int own_below(int dirfd, const char *name, const struct owner *root,
		     struct error *err)
{
	int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *directory;
	int result = 0;

	if (fd < 0)
		return errno == ENOTDIR || errno == ELOOP || errno == ENXIO
			       ? 0
			       : error_set(err, errno, "cannot open '%s'", name);
	directory = fdopendir(fd);
	if (directory == NULL) {
		(void)close(fd);
		return error_set(err, errno, "cannot open '%s'", name);
	}
	for (struct dirent *entry; result == 0 && (entry = readdir(directory)) != NULL;) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		result = own(fd, entry->d_name, root, err);
		if (result == 0)
			result = own_below(fd, entry->d_name, root, err);
	}
	(void)closedir(directory);
	return result;
}

int layers_own_init(int init, const struct layers_request *request, struct error *err)
{
	struct owner root;

	if (!find_root(request->config->linux_, &root))
		return 0;
	return own_below(init, ".", &root, err);
}
