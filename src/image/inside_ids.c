/* SPDX-License-Identifier: Apache-2.0 */
#include "image/inside_ids.h"

#include <endian.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <linux/posix_acl_xattr.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"

/* linux/posix_acl.h has the numbers of the tags for the kernel only. */
enum { ACL_USER_TAG = 0x02, ACL_GROUP_TAG = 0x08 };

static bool find(const struct inside_ids *ids, const struct config_id_map *ranges,
		 size_t count, uint64_t id, uint64_t *inside)
{
	uint64_t host;

	if (!ids->is_inside)
		return id_maps_to_inside(ranges, count, id, inside);
	*inside = id;
	return id_maps_to_host(ranges, count, id, &host);
}

static bool find_uid(const struct inside_ids *ids, uint64_t id, uint64_t *inside)
{
	return find(ids, ids->maps.uid, ids->maps.uid_count, id, inside);
}

static bool find_gid(const struct inside_ids *ids, uint64_t id, uint64_t *inside)
{
	return find(ids, ids->maps.gid, ids->maps.gid_count, id, inside);
}

static int unmapped(const char *kind, uint64_t id, struct error *err)
{
	return error_set(err, 0,
			 "%s %" PRIu64 " has no id in the container's user namespace",
			 kind, id);
}

int inside_ids_owner(const struct inside_ids *ids, struct stat *status, const char *path,
		     struct error *err)
{
	uint64_t uid, gid;

	if (ids->maps.uid_count == 0)
		return 0;
	if (!find_uid(ids, status->st_uid, &uid)) {
		(void)unmapped("user", status->st_uid, err);
		return error_prefix(err, "'%s'", path);
	}
	if (!find_gid(ids, status->st_gid, &gid)) {
		(void)unmapped("group", status->st_gid, err);
		return error_prefix(err, "'%s'", path);
	}
	status->st_uid = (uid_t)uid;
	status->st_gid = (gid_t)gid;
	return 0;
}

static int convert_acl(const struct inside_ids *ids, char *value, size_t size,
		       struct error *err)
{
	struct posix_acl_xattr_entry entry;

	for (size_t at = sizeof(struct posix_acl_xattr_header);
	     at + sizeof(entry) <= size; at += sizeof(entry)) {
		uint64_t inside;
		uint32_t id;

		memcpy(&entry, value + at, sizeof(entry));
		id = le32toh(entry.e_id);
		if (le16toh(entry.e_tag) == ACL_USER_TAG) {
			if (!find_uid(ids, id, &inside))
				return unmapped("user", id, err);
		} else if (le16toh(entry.e_tag) == ACL_GROUP_TAG) {
			if (!find_gid(ids, id, &inside))
				return unmapped("group", id, err);
		} else {
			continue;
		}
		entry.e_id = htole32((uint32_t)inside);
		memcpy(value + at, &entry, sizeof(entry));
	}
	return 0;
}

/* Of the third revision, with the root that they are for; of the second if that is 0. */
static int convert_capabilities(const struct inside_ids *ids, char *value, size_t *size,
				struct error *err)
{
	struct vfs_ns_cap_data data;
	uint64_t inside;
	uint32_t magic;

	if (*size != sizeof(data))
		return 0;
	memcpy(&data, value, sizeof(data));
	magic = le32toh(data.magic_etc);
	if ((magic & VFS_CAP_REVISION_MASK) != VFS_CAP_REVISION_3)
		return 0;
	if (!find_uid(ids, le32toh(data.rootid), &inside))
		return unmapped("user", le32toh(data.rootid), err);
	data.rootid = htole32((uint32_t)inside);
	if (inside == 0) {
		data.magic_etc = htole32((magic & ~(uint32_t)VFS_CAP_REVISION_MASK) |
					 VFS_CAP_REVISION_2);
		*size = XATTR_CAPS_SZ_2;
	}
	memcpy(value, &data, *size);
	return 0;
}

int inside_ids_xattr(const struct inside_ids *ids, const char *name, void *value,
		     size_t *size, struct error *err)
{
	if (ids->maps.uid_count == 0 || ids->is_inside)
		return 0;
	if (strcmp(name, "system.posix_acl_access") == 0 ||
	    strcmp(name, "system.posix_acl_default") == 0)
		return convert_acl(ids, value, *size, err);
	return strcmp(name, "security.capability") == 0
		       ? convert_capabilities(ids, value, size, err)
		       : 0;
}
