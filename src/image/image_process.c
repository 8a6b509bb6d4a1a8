/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>

#include "base/error.h"
#include "image/image_runtime.h"
#include "oci/json.h"

enum { MEMBERS_MAX = 10000 };

enum kind { KIND_TEXT, KIND_TEXTS, KIND_OBJECT, KIND_PAIRS };

static const char *const kind_names[] = {
	[KIND_TEXT] = "text",
	[KIND_TEXTS] = "list of texts",
	[KIND_OBJECT] = "object",
	[KIND_PAIRS] = "object of texts",
};

static bool has_texts(const struct json *json)
{
	json_foreach (item, json) {
		if (item->type != JSON_STRING)
			return false;
	}
	return true;
}

static bool is_kind(const struct json *json, enum kind kind)
{
	switch (kind) {
	case KIND_TEXT:
		return json->type == JSON_STRING;
	case KIND_TEXTS:
		return json->type == JSON_ARRAY && has_texts(json);
	case KIND_OBJECT:
		return json->type == JSON_OBJECT;
	default:
		return json->type == JSON_OBJECT && has_texts(json);
	}
}

/* Go writes null for what is absent. */
static int read_member(const struct json *config, const char *key, enum kind kind,
		       const struct json **found, struct error *err)
{
	const struct json *json = json_find(config, key);

	*found = json == NULL || json->type == JSON_NULL ? NULL : json;
	if (*found != NULL && json->count > MEMBERS_MAX)
		return error_set(err, 0, "its configuration: config.%s: more than %d",
				 key, MEMBERS_MAX);
	if (*found == NULL || is_kind(json, kind))
		return 0;
	return error_set(err, 0, "its configuration: config.%s: not a JSON %s", key,
			 kind_names[kind]);
}

int image_process_read(struct image_process *process, const struct json *config,
		       struct error *err)
{
	const struct json *json = json_find(config, "config"), *directory, *user, *signal;
	const struct {
		const char *key;
		enum kind kind;
		const struct json **found;
	} members[] = {
		{ "Entrypoint", KIND_TEXTS, &process->entrypoint },
		{ "Cmd", KIND_TEXTS, &process->command },
		{ "Env", KIND_TEXTS, &process->env },
		{ "ExposedPorts", KIND_OBJECT, &process->ports },
		{ "Volumes", KIND_OBJECT, &process->volumes },
		{ "Labels", KIND_PAIRS, &process->labels },
		{ "WorkingDir", KIND_TEXT, &directory },
		{ "User", KIND_TEXT, &user },
		{ "StopSignal", KIND_TEXT, &signal },
	};

	if (json != NULL && json->type != JSON_OBJECT && json->type != JSON_NULL)
		return error_set(err, 0, "its configuration: config: not a JSON object");
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
		if (read_member(json, members[i].key, members[i].kind, members[i].found,
				err) < 0)
			return -1;
	}
	process->directory = json_string(directory);
	process->user = json_string(user);
	process->stop_signal = json_string(signal);
	return 0;
}
