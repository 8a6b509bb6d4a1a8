/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "base/tree.h"
#include "image/bundle_output.h"
#include "oci/bundle.h"

/* "a/b//" is b in a. */
static int open_parent(struct bundle_output *output, struct error *err)
{
	auto_arena struct arena arena = { 0 };
	char *path = arena_text(&arena, output->target, strlen(output->target));
	size_t length = strlen(path);
	const char *name;
	char *slash;

	while (length > 1 && path[length - 1] == '/')
		path[--length] = '\0';
	slash = strrchr(path, '/');
	name = slash == NULL ? path : slash + 1;
	if (name[0] == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return error_set(err, 0, "'%s' is not the name of a new bundle",
				 output->target);
	if (snprintf(output->name, sizeof(output->name), "%s", name) > NAME_MAX ||
	    snprintf(output->temporary, sizeof(output->temporary), ".%s.minirun", name) >
		    NAME_MAX)
		return error_set(err, ENAMETOOLONG, "cannot create '%.64s…'", name);
	if (slash != NULL)
		slash[slash == path] = '\0';
	path = slash == NULL ? arena_text(&arena, ".", 1) : path;
	output->parent = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return output->parent < 0 ? error_set(err, errno, "cannot open '%s'", path) : 0;
}

static int refuse(const struct bundle_output *output, struct error *err)
{
	return error_set(err, 0, "'%s' is there and not an empty directory",
			 output->target);
}

static int check_free(const struct bundle_output *output, struct error *err)
{
	int fd = openat(output->parent, output->name,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	auto_dir DIR *list = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 && (errno == ENOTDIR || errno == ELOOP))
		return refuse(output, err);
	if (list == NULL)
		return error_set(err, errno, "cannot open '%s'", output->target);
	while (errno = 0, (entry = readdir(list)) != NULL) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			return refuse(output, err);
	}
	return errno == 0 ? 0 : error_set(err, errno, "cannot read '%s'", output->target);
}

int bundle_output_open(struct bundle_output *output, const char *target,
		       struct error *err)
{
	output->target = target;
	return open_parent(output, err) < 0 ? -1 : check_free(output, err);
}

/* Whether what has the name is a directory of ours that nobody else works in. */
static int take_temporary(struct bundle_output *output, struct error *err)
{
	auto_close int fd = openat(output->parent, output->temporary,
				   O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat ours, there;

	if (fd < 0 || fstat(fd, &ours) < 0 || ours.st_uid != geteuid())
		return error_set(err, 0, "'%s' is in the way; remove it",
				 output->temporary);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0 ||
	    fstatat(output->parent, output->temporary, &there, AT_SYMLINK_NOFOLLOW) < 0 ||
	    ours.st_dev != there.st_dev || ours.st_ino != there.st_ino)
		return error_set(err, 0, "another one is making '%s'", output->target);
	output->directory = take_fd(&fd);
	return 0;
}

/* What an earlier one left is ours, and nothing of it stays. */
static int make_temporary(struct bundle_output *output, struct error *err)
{
	if (mkdirat(output->parent, output->temporary, 0777) < 0 && errno != EEXIST)
		return error_set(err, errno, "cannot create '%s'", output->target);
	if (take_temporary(output, err) < 0 ||
	    tree_remove(output->directory, "config.json", err) < 0 ||
	    tree_remove(output->directory, "rootfs", err) < 0)
		return -1;
	return 0;
}

static int write_files(const struct bundle_output *output, const struct text *config,
		       struct error *err)
{
	auto_close int fd = openat(output->directory, "config.json",
				   O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

	if (fd < 0 || file_write_full(fd, config->data, config->length) < 0 ||
	    fsync(fd) < 0)
		return error_set(err, errno, "cannot write '%s/config.json'",
				 output->target);
	if (mkdirat(output->directory, "rootfs", 0777) < 0 ||
	    fsync(output->directory) < 0)
		return error_set(err, errno, "cannot create '%s/rootfs'", output->target);
	return 0;
}

/* What an image says may be no configuration: a relative HOME is, an environment without
 * a "=" is not. */
static int check_config(const struct text *config, struct error *err)
{
	auto_bundle struct bundle bundle = { .dirfd = -1, .file_name = "config.json" };

	text_add(&bundle.text, config->data, config->length);
	return bundle_parse(&bundle, NULL, err) < 0
		       ? error_prefix(err, "its configuration is not one for a container")
		       : 0;
}

int bundle_output_publish(struct bundle_output *output, const struct text *config,
			  struct error *err)
{
	if (check_config(config, err) < 0 || make_temporary(output, err) < 0 ||
	    write_files(output, config, err) < 0)
		return -1;
	if (renameat(output->parent, output->temporary, output->parent, output->name) <
	    0) {
		if (errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR)
			return refuse(output, err);
		return error_set(err, errno, "cannot create '%s'", output->target);
	}
	(void)close(output->directory);
	output->directory = -1;
	return fsync(output->parent) < 0
		       ? error_set(err, errno, "cannot write '%s' to disk",
				   output->target)
		       : 0;
}

void bundle_output_release(struct bundle_output *output)
{
	struct error ignored;

	if (output->directory >= 0) {
		(void)tree_remove(output->parent, output->temporary, &ignored);
		(void)close(output->directory);
	}
	if (output->parent >= 0)
		(void)close(output->parent);
}
