/* SPDX-License-Identifier: Apache-2.0 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "image/acl.h"
#include "image/entry_attributes.h"
#include "image/file_xattrs.h"
#include "image/losses.h"
#include "image/walk.h"

/* Ids are of 32 bits, and to chown(2) the last of them means none. */
static int set_owner(struct archive_entry *entry, int parent, const char *name,
		     struct losses *losses, struct error *err)
{
	const int64_t uid = archive_entry_uid(entry), gid = archive_entry_gid(entry);

	if (uid < 0 || uid >= UINT32_MAX || gid < 0 || gid >= UINT32_MAX)
		return error_set(err, 0, "'%s' of the tar has no possible owner",
				 archive_entry_pathname(entry));
	if (losses->are_allowed) {
		losses->owners += (uid_t)uid != geteuid() || (gid_t)gid != getegid();
		return 0;
	}
	if (fchownat(parent, name, (uid_t)uid, (gid_t)gid, AT_SYMLINK_NOFOLLOW) < 0)
		return error_set(err, errno, "cannot give an owner to '%s' of the tar",
				 archive_entry_pathname(entry));
	return 0;
}

/* One that takes privilege, or names ids of the host's; an access list is one too. */
static bool is_lost(const char *name, struct losses *losses)
{
	if (!losses->are_allowed || strncmp(name, "user.", strlen("user.")) == 0)
		return false;
	losses->attributes++;
	return true;
}

static int set_xattrs(struct archive_entry *entry, const char *path,
		      struct losses *losses, struct error *err)
{
	const char *name;
	const void *value;
	size_t size;

	(void)archive_entry_xattr_reset(entry);
	while (archive_entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK) {
		auto_text struct text buffer = { 0 };
		const char *stored = file_xattrs_stored_name(name, &buffer);

		if (stored == NULL || is_lost(stored, losses))
			continue;
		if (lsetxattr(path, stored, value, size, 0) < 0)
			return error_set(err, errno,
					 "cannot set attribute '%s' of '%s' of the tar",
					 name, archive_entry_pathname(entry));
	}
	return 0;
}

/* No access list of the directory's; the mode after the owner, which clears setuid;
 * capabilities after both. */
int entry_attributes_apply(struct archive_entry *entry, int parent, const char *name,
			   struct losses *losses, struct error *err)
{
	const bool is_link = archive_entry_filetype(entry) == AE_IFLNK;
	mode_t mode = archive_entry_perm(entry);
	char path[PATH_MAX];

	walk_proc_path(parent, name, path, sizeof(path));
	if (!is_link && acl_clear(path, err) < 0)
		return error_prefix(err, "'%s' of the tar",
				    archive_entry_pathname(entry));
	if (set_owner(entry, parent, name, losses, err) < 0)
		return -1;
	/* Only root makes something in a directory that its owner may not write to. */
	if (losses->are_allowed && archive_entry_filetype(entry) == AE_IFDIR)
		mode |= 0700;
	if (!is_link && fchmodat(parent, name, mode, 0) < 0)
		return error_set(err, errno, "cannot set the mode of '%s' of the tar",
				 archive_entry_pathname(entry));
	if (set_xattrs(entry, path, losses, err) < 0)
		return -1;
	if (!is_link && !losses->are_allowed && acl_apply(entry, path, err) < 0)
		return error_prefix(err, "'%s' of the tar",
				    archive_entry_pathname(entry));
	return 0;
}
