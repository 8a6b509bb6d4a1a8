/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>

#include "base/auto.h"
#include "base/error.h"
#include "kernel/id_maps.h"
#include "kernel/mounts_list.h"
#include "oci/config.h"

static bool is_asked(const struct mount *mount)
{
	return mount->options.idmap != NULL || mount->from->uid_mappings_count > 0 ||
	       mount->from->gid_mappings_count > 0;
}

static bool has_user_namespace(const struct config_linux *linux_)
{
	for (size_t i = 0; i < linux_->namespaces_count; i++) {
		if (strcmp(linux_->namespaces[i].type, "user") == 0)
			return true;
	}
	return false;
}

/* The mount's own maps; no ranges: it has none. */
static int find_maps(const struct mount *mount, const struct config_linux *linux_,
		     struct id_maps *maps, struct arena *arena, struct error *err)
{
	const struct config_mount *from = mount->from;
	const struct id_maps outer = { linux_->uid_mappings, linux_->gid_mappings,
				       linux_->uid_mappings_count,
				       linux_->gid_mappings_count };

	*maps = (struct id_maps){ from->uid_mappings, from->gid_mappings,
				  from->uid_mappings_count, from->gid_mappings_count };
	if (mount->options.idmap == NULL || mount->options.idmap[0] == '\0')
		return id_maps_check(maps, err);
	if (id_maps_parse(maps, mount->options.idmap, &outer, arena, err) < 0)
		return error_at(err, "options");
	return 0;
}

int mount_check_ids(const struct mount *mount, const struct config_linux *linux_,
		    struct arena *arena, struct error *err)
{
	struct id_maps maps;

	if (!is_asked(mount))
		return 0;
	if (!mount->is_bind)
		return error_set(err, 0, "ids are mapped of a bind mount only");
	if (find_maps(mount, linux_, &maps, arena, err) < 0)
		return -1;
	if (maps.uid_count > 0 || has_user_namespace(linux_))
		return 0;
	(void)error_set(err, 0,
			"option 'idmap' without ids: neither the mount nor the "
			"container has any");
	return error_hint(err, "give uidMappings and gidMappings");
}

int mount_map_ids(const struct mount *mount, const struct config_linux *linux_, int user,
		  struct arena *arena, struct error *err)
{
	unsigned flags = mount->options.idmap_recursive ? AT_RECURSIVE : 0;
	auto_close int own = -1;
	struct id_maps maps;

	if (!is_asked(mount) || mount->link != NULL)
		return 0;
	if (find_maps(mount, linux_, &maps, arena, err) < 0)
		return -1;
	if (maps.uid_count > 0) {
		own = id_maps_namespace(&maps, err);
		if (own < 0)
			return -1;
	}
	return id_maps_set(mount->tree, flags, own >= 0 ? own : user, err);
}
