/* SPDX-License-Identifier: Apache-2.0 */
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "container/describe.h"
#include "container/record.h"
#include "container/registry.h"

/* From the file alone: name services are libraries that a static program cannot load. */
static const char *user_name(struct arena *arena, uid_t uid)
{
	auto_file FILE *file = uid == 0 ? NULL : fopen("/etc/passwd", "re");
	struct passwd *entry;

	if (uid == 0)
		return "root";
	while (file != NULL && (entry = fgetpwent(file)) != NULL) {
		if (entry->pw_uid == uid)
			return arena_text(arena, entry->pw_name, strlen(entry->pw_name));
	}
	return arena_format(arena, "%u", uid);
}

struct state describe_record(const struct record *record, enum status status, pid_t pid)
{
	return (struct state){
		.oci_version = record->oci_version,
		.id = record->id,
		.status = status_text(status),
		.pid = pid,
		.bundle = record->bundle,
		.annotations = record->annotations,
	};
}

int describe_container(const struct registry *registry, const char *id,
		       struct arena *arena, struct state *state, struct error *err)
{
	auto_close int entryfd = registry_find(registry, id, err);
	struct record record;
	enum status status;

	if (entryfd < 0 || registry_load(entryfd, &record, arena, err) < 0 ||
	    status_find(entryfd, &record, &status, err) < 0)
		return -1;
	*state = describe_record(&record, status,
				 status == STATUS_STOPPED ? 0 : record.pid);
	state->rootfs = record.rootfs;
	state->created = record.created;
	state->owner = user_name(arena, record.owner);
	return 0;
}
