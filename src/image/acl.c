/* SPDX-License-Identifier: Apache-2.0 */
#include <archive.h>
#include <archive_entry.h>
#include <endian.h>
#include <errno.h>
#include <linux/posix_acl_xattr.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/xattr.h>

#include "base/auto.h"
#include "base/error.h"
#include "image/acl.h"

/* linux/posix_acl.h has the numbers of the tags for the kernel only. */
enum {
	USER_OBJ = 0x01,
	USER = 0x02,
	GROUP_OBJ = 0x04,
	GROUP = 0x08,
	MASK = 0x10,
	OTHER = 0x20
};

static const struct {
	int archived;
	uint16_t stored;
} tags[] = {
	{ ARCHIVE_ENTRY_ACL_USER_OBJ, USER_OBJ },   { ARCHIVE_ENTRY_ACL_USER, USER },
	{ ARCHIVE_ENTRY_ACL_GROUP_OBJ, GROUP_OBJ }, { ARCHIVE_ENTRY_ACL_GROUP, GROUP },
	{ ARCHIVE_ENTRY_ACL_MASK, MASK },           { ARCHIVE_ENTRY_ACL_OTHER, OTHER },
};

static const struct {
	int archived;
	const char *name;
} types[] = {
	{ ARCHIVE_ENTRY_ACL_TYPE_ACCESS, "system.posix_acl_access" },
	{ ARCHIVE_ENTRY_ACL_TYPE_DEFAULT, "system.posix_acl_default" },
};

static uint16_t find_tag(int archived)
{
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		if (tags[i].archived == archived)
			return tags[i].stored;
	}
	return 0;
}

/* The order that the kernel wants: of tags, then of ids. */
static int compare_entries(const void *left, const void *right)
{
	const struct posix_acl_xattr_entry *a = left, *b = right;

	if (a->e_tag != b->e_tag)
		return le16toh(a->e_tag) < le16toh(b->e_tag) ? -1 : 1;
	if (a->e_id != b->e_id)
		return le32toh(a->e_id) < le32toh(b->e_id) ? -1 : 1;
	return 0;
}

/* The list in `entries`, which have room for it; how many, or -1. */
static int read_entries(struct archive_entry *entry, int archived,
			struct posix_acl_xattr_entry *entries, struct error *err)
{
	int type, permissions, tag, id, count = 0;
	const char *name;

	while (archive_entry_acl_next(entry, archived, &type, &permissions, &tag, &id,
				      &name) == ARCHIVE_OK) {
		uint16_t stored = find_tag(tag);

		if ((stored == USER || stored == GROUP) && id < 0)
			return error_set(err, 0,
					 "an access list names '%s' without a number",
					 name != NULL ? name : "");
		entries[count].e_tag = htole16(stored);
		entries[count].e_perm = htole16((uint16_t)(permissions & 7));
		entries[count].e_id = stored == USER || stored == GROUP
					      ? htole32((uint32_t)id)
					      : htole32(UINT32_MAX);
		count++;
	}
	qsort(entries, (size_t)count, sizeof(*entries), compare_entries);
	return count;
}

static int apply_type(struct archive_entry *entry, size_t which, const char *path,
		      struct error *err)
{
	/* With those that stand for the mode of the file. */
	int count = archive_entry_acl_reset(entry, types[which].archived);
	auto_free struct posix_acl_xattr_header *value = NULL;
	struct posix_acl_xattr_entry *entries;

	if (count <= 0)
		return 0;
	value = calloc(1, sizeof(*value) + ((size_t)count + 3) * sizeof(*entries));
	if (value == NULL)
		return error_set(err, ENOMEM, "cannot read an access list");
	value->a_version = htole32(POSIX_ACL_XATTR_VERSION);
	entries = (void *)(value + 1);
	count = read_entries(entry, types[which].archived, entries, err);
	if (count < 0)
		return -1;
	if (lsetxattr(path, types[which].name, value,
		      sizeof(*value) + (size_t)count * sizeof(*entries), 0) < 0)
		return error_set(err, errno, "cannot set '%s'", types[which].name);
	return 0;
}

int acl_clear(const char *path, struct error *err)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (lremovexattr(path, types[i].name) < 0 && errno != ENODATA &&
		    errno != ENOTSUP)
			return error_set(err, errno, "cannot remove '%s'", types[i].name);
	}
	return 0;
}

int acl_apply(struct archive_entry *entry, const char *path, struct error *err)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (apply_type(entry, i, path, err) < 0)
			return -1;
	}
	return 0;
}
