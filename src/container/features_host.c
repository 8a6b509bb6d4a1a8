/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/file.h"
#include "base/names.h"
#include "base/text.h"
#include "container/features_host.h"
#include "kernel/cgroup.h"
#include "kernel/intel_rdt.h"
#include "kernel/mounts_probe.h"
#include "kernel/seccomp.h"
#include "oci/json_write.h"

enum { LIST_MOST = 65536 };

/* Which cgroups there are for a container. */
static const char *cgroup_word(struct arena *arena)
{
	static const char *const words[] = {
		[CGROUP_DISABLED] = "none",
		[CGROUP_UNIFIED] = "v2",
		[CGROUP_HYBRID] = "hybrid",
		[CGROUP_LEGACY] = "v1",
	};
	struct cgroup cgroup = { 0 };
	struct error err = { 0 };

	(void)cgroup_find(&cgroup, arena, "/minirun", &err);
	return words[cgroup.layout];
}

static void put_filesystems(struct json_writer *json, struct arena *arena)
{
	size_t count;
	const struct mounts_probe *probes = mounts_probe(arena, &count);

	for (size_t i = 0; i < count; i++)
		json_put_text(
			json,
			arena_format(arena, "io.minirun.host.idmap.%s", probes[i].type),
			probes[i].maps_ids ? "true" : "false");
}

/* The kernel lists resctrl when the processor has it, resctrl.rst. */
static const char *resctrl_word(struct arena *arena)
{
	auto_text struct text list = { 0 };
	struct error err = { 0 };

	if (intel_rdt_root(arena, &err) != NULL)
		return "mounted";
	if (file_read(AT_FDCWD, "/proc/filesystems", LIST_MOST, &list, &err) < 0)
		return NULL;
	return strstr(list.data, "\tresctrl\n") != NULL ? "not mounted" : "none";
}

static void put_actions(struct json_writer *json)
{
	const struct name *action = seccomp_words(SECCOMP_ACTIONS);
	auto_text struct text list = { 0 };

	if (action == NULL)
		return;
	text_put(&list, "");
	for (; action->text != NULL; action++) {
		if (seccomp_has_action(action))
			text_format(&list, "%s%s", list.length > 0 ? " " : "",
				    action->text);
	}
	json_put_text(json, "io.minirun.host.seccomp.actions", list.data);
}

void features_put_host(struct json_writer *json)
{
	auto_arena struct arena arena = { 0 };

	json_put_text(json, "io.minirun.host.cgroup", cgroup_word(&arena));
	put_filesystems(json, &arena);
	json_put_text(json, "io.minirun.host.resctrl", resctrl_word(&arena));
	put_actions(json);
}
