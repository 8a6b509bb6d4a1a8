/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/error.h"
#include "base/path.h"
#include "kernel/mounts.h"
#include "kernel/mounts_list.h"
#include "oci/config.h"

struct mount_bind *mounts_binds(const struct config *config, const char *bundle_path,
				struct arena *arena, size_t *count)
{
	struct mount_bind *binds =
		arena_alloc(arena, config->mounts_count + 1, sizeof(*binds));
	struct error ignored; /* mounts_check() has passed */
	struct mounts mounts;

	*count = 0;
	if (mounts_read(&mounts, config, arena, &ignored) < 0)
		return binds;
	for (size_t i = 0; i < mounts.count; i++) {
		const struct mount *mount = &mounts.list[i];

		if (mount->is_bind && mount->from->source != NULL)
			binds[(*count)++] = (struct mount_bind){
				.destination = mount->destination,
				.source = path_join(arena, bundle_path,
						    mount->from->source),
			};
	}
	return binds;
}
