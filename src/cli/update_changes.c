/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/error.h"
#include "base/parse.h"
#include "cli/options.h"
#include "cli/update_changes.h"
#include "oci/bundle.h"
#include "oci/json.h"

enum kind {
	TEXT,
	NUMBER,
	BYTES,
};

static const struct change {
	const char *option, *section, *member;
	enum kind kind;
} changes[] = {
	{ "blkio-weight", "blockIO", "weight", NUMBER },
	{ "cpu-period", "cpu", "period", NUMBER },
	{ "cpu-quota", "cpu", "quota", NUMBER },
	{ "cpu-burst", "cpu", "burst", NUMBER },
	{ "cpu-share", "cpu", "shares", NUMBER },
	{ "cpu-rt-period", "cpu", "realtimePeriod", NUMBER },
	{ "cpu-rt-runtime", "cpu", "realtimeRuntime", NUMBER },
	{ "cpu-idle", "cpu", "idle", NUMBER },
	{ "cpuset-cpus", "cpu", "cpus", TEXT },
	{ "cpuset-mems", "cpu", "mems", TEXT },
	{ "memory", "memory", "limit", BYTES },
	{ "memory-reservation", "memory", "reservation", BYTES },
	{ "memory-swap", "memory", "swap", BYTES },
	{ "kernel-memory", "memory", "kernel", BYTES },
	{ "kernel-memory-tcp", "memory", "kernelTCP", BYTES },
	{ "pids-limit", "pids", "limit", NUMBER },
};

/* The value as JSON has it, or NULL: it is none. A range is the member's. */
static const char *number_text(struct arena *arena, enum kind kind, const char *value)
{
	uint64_t unsigned_number;
	int64_t number;

	if (parse_int(value, INT64_MIN, INT64_MAX, &number) ||
	    (kind == BYTES && parse_bytes(value, &number)))
		return arena_format(arena, "%" PRId64, number);
	if (parse_uint(value, UINT64_MAX, &unsigned_number))
		return arena_format(arena, "%" PRIu64, unsigned_number);
	return NULL;
}

static int add(struct json *resources, const struct change *change, const char *value,
	       struct bundle *bundle, struct error *err)
{
	struct arena *arena = &bundle->arena;
	const char *text =
		change->kind == TEXT ? value : number_text(arena, change->kind, value);
	struct json *section = json_find(resources, change->section);

	if (text == NULL)
		return error_set(err, 0, "option '--%s': '%s' is not a %s",
				 change->option, value,
				 change->kind == BYTES ? "size" : "number");
	if (section == NULL)
		section = json_add(arena, resources, JSON_OBJECT, change->section, NULL);
	(void)json_add(arena, section, change->kind == TEXT ? JSON_STRING : JSON_NUMBER,
		       change->member, text);
	bundle_note_option(bundle,
			   arena_format(arena, "linux.resources.%s.%s", change->section,
					change->member),
			   change->option, value);
	return 0;
}

const struct json *update_changes_read(const struct options *options,
				       struct bundle *bundle, struct error *err)
{
	struct json *resources = json_add(&bundle->arena, NULL, JSON_OBJECT, NULL, NULL);

	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		const char *value = options_text(options, changes[i].option);

		/* An empty variable of a script asks for nothing, as under runc. */
		if (value != NULL && value[0] != '\0' &&
		    add(resources, &changes[i], value, bundle, err) < 0)
			return NULL;
	}
	return resources;
}
