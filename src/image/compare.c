/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "image/compare.h"
#include "image/file_xattrs.h"
#include "image/inside_ids.h"
#include "image/walk.h"

static bool is_owner(const struct config_id_map *ranges, size_t count, uint64_t lower,
		     uint64_t upper)
{
	uint64_t host = lower;

	return (count == 0 || id_maps_to_host(ranges, count, lower, &host)) &&
	       host == upper;
}

static bool is_same_owner(const struct stat *upper, const struct stat *lower,
			  const struct inside_ids *ids)
{
	const struct id_maps *maps = &ids->maps;

	if (ids->is_inside)
		return upper->st_uid == lower->st_uid && upper->st_gid == lower->st_gid;
	return is_owner(maps->uid, maps->uid_count, lower->st_uid, upper->st_uid) &&
	       is_owner(maps->gid, maps->gid_count, lower->st_gid, upper->st_gid);
}

static bool is_same_status(const struct stat *upper, const struct stat *lower,
			   const struct inside_ids *ids)
{
	if (upper->st_mode != lower->st_mode || !is_same_owner(upper, lower, ids))
		return false;
	if (S_ISDIR(upper->st_mode))
		return true;
	if ((S_ISCHR(upper->st_mode) || S_ISBLK(upper->st_mode)) &&
	    upper->st_rdev != lower->st_rdev)
		return false;
	return upper->st_size == lower->st_size &&
	       upper->st_mtim.tv_sec == lower->st_mtim.tv_sec &&
	       upper->st_mtim.tv_nsec == lower->st_mtim.tv_nsec;
}

static int differ_in_xattrs(const struct walk_entry *upper,
			    const struct walk_entry *lower, const struct inside_ids *ids,
			    struct error *err)
{
	struct file_xattrs our_way = { .flags = FILE_XATTRS_UPPER, .ids = ids },
			   their_way = { .flags = FILE_XATTRS_UPPER };
	auto_text struct text ours = { 0 }, theirs = { 0 };

	if (file_xattrs_read(upper, &our_way, &ours, err) < 0 ||
	    file_xattrs_read(lower, &their_way, &theirs, err) < 0)
		return -1;
	return ours.length != theirs.length ||
	       (ours.length > 0 && memcmp(ours.data, theirs.data, ours.length) != 0);
}

static int differ_in_target(const struct walk_entry *upper,
			    const struct walk_entry *lower, struct error *err)
{
	char ours[PATH_MAX], theirs[PATH_MAX];
	ssize_t length = readlinkat(upper->parent, upper->name, ours, sizeof(ours));
	ssize_t other = readlinkat(lower->parent, lower->name, theirs, sizeof(theirs));

	if (length < 0 || other < 0)
		return error_set(err, errno, "cannot read the link '%s'", upper->path);
	return length != other || memcmp(ours, theirs, (size_t)length) != 0;
}

static int open_file(const struct walk_entry *entry, struct error *err)
{
	int fd = openat(entry->parent, entry->name,
			O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	return fd < 0 ? error_set(err, errno, "cannot open '%s'", entry->path) : fd;
}

static int differ_in_content(const struct walk_entry *upper,
			     const struct walk_entry *lower, struct error *err)
{
	static char ours[64 * 1024], theirs[sizeof(ours)];
	auto_close int fd = open_file(upper, err);
	auto_close int other = fd < 0 ? -1 : open_file(lower, err);
	ssize_t got;

	if (other < 0)
		return -1;
	do {
		ssize_t got_there;

		got = file_read_full(fd, ours, sizeof(ours));
		got_there = got < 0 ? -1 : file_read_full(other, theirs, sizeof(theirs));
		if (got_there < 0)
			return error_set(err, errno, "cannot read '%s'", upper->path);
		if (got != got_there || memcmp(ours, theirs, (size_t)got) != 0)
			return 1;
	} while (got > 0);
	return 0;
}

int compare_entries(const struct walk_entry *upper, const struct walk_entry *lower,
		    const struct inside_ids *ids, struct error *err)
{
	int result;

	if (!is_same_status(&upper->status, &lower->status, ids))
		return 1;
	result = differ_in_xattrs(upper, lower, ids, err);
	if (result != 0)
		return result;
	if (S_ISLNK(upper->status.st_mode))
		return differ_in_target(upper, lower, err);
	return S_ISREG(upper->status.st_mode) ? differ_in_content(upper, lower, err) : 0;
}
