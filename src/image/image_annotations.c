/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <string.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/text.h"
#include "image/image_annotations.h"
#include "image/image_runtime.h"
#include "oci/json.h"
#include "oci/systemd_properties.h"

/* What begins so is told to minirun, crun, runc, and the criu of both. */
static const char *const runtime_prefixes[] = {
	"io.minirun.",
	"run.oci.",
	"org.criu.",
	SYSTEMD_PROPERTIES_PREFIX,
};

static bool is_for_runtime(const char *key)
{
	for (size_t i = 0; i < sizeof(runtime_prefixes) / sizeof(*runtime_prefixes);
	     i++) {
		if (strncmp(key, runtime_prefixes[i], strlen(runtime_prefixes[i])) == 0)
			return true;
	}
	return false;
}

/* A label of the same name counts more. */
static void put(struct arena *arena, struct json *annotations,
		const struct image_runtime *runtime, const char *name, const char *value)
{
	const char *key = arena_format(arena, "org.opencontainers.image.%s", name);

	if (value != NULL && value[0] != '\0' &&
	    json_find(runtime->process->labels, key) == NULL)
		(void)json_add(arena, annotations, JSON_STRING, key, value);
}

/* "a,b" of the texts of a list, or the names of an object. */
static const char *join(struct arena *arena, const struct json *json)
{
	auto_text struct text text = { 0 };

	if (json == NULL || (json->type != JSON_ARRAY && json->type != JSON_OBJECT))
		return NULL;
	json_foreach (item, json) {
		const char *word =
			json->type == JSON_OBJECT ? item->key : json_string(item);

		if (word != NULL)
			text_format(&text, "%s%s", text.length > 0 ? "," : "", word);
	}
	return text.length == 0 ? NULL : arena_text(arena, text.data, text.length);
}

static void put_labels(struct arena *arena, struct json *annotations,
		       const struct json *labels, struct text *refused)
{
	if (labels == NULL)
		return;
	json_foreach (label, labels) {
		if (is_for_runtime(label->key)) {
			text_put(refused, refused->length > 0 ? ", " : "");
			text_put_printable(refused, label->key);
		} else if (label->key[0] != '\0') {
			(void)json_add(arena, annotations, JSON_STRING, label->key,
				       label->text);
		}
	}
}

void image_annotations_add(struct arena *arena, struct json *config,
			   const struct image_runtime *runtime, struct text *refused)
{
	static const char *const members[] = { "os",         "architecture", "variant",
					       "os.version", "author",       "created" };
	const struct image_process *process = runtime->process;
	struct json *annotations;

	if (runtime->config == NULL)
		return;
	annotations = json_add(arena, config, JSON_OBJECT, "annotations", NULL);
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
		put(arena, annotations, runtime, members[i],
		    json_string(json_find(runtime->config, members[i])));
	put(arena, annotations, runtime, "os.features",
	    join(arena, json_find(runtime->config, "os.features")));
	put(arena, annotations, runtime, "stopSignal", process->stop_signal);
	put(arena, annotations, runtime, "exposedPorts", join(arena, process->ports));
	put_labels(arena, annotations, process->labels, refused);
}
