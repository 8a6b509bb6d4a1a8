/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "oci/json.h"
#include "oci/overlay_annotations.h"

static int refuse_at(struct error *err, const struct json *annotation)
{
	return error_at(err, "annotations[\"%s\"]", annotation->key);
}

static void move_all(struct json *json, size_t offset)
{
	json->offset = offset;
	for (struct json *item = json->child; item != NULL; item = item->next)
		move_all(item, offset);
}

/* The annotation's text is a document of its own. */
static int merge_lower(struct arena *arena, struct json *overlay,
		       const struct json *annotation, struct error *err)
{
	struct json *lower, *member;
	struct error inner;

	lower = json_parse(arena, annotation->text, strlen(annotation->text), &inner);
	if (lower == NULL) {
		(void)error_set(err, 0, "not a JSON array: %s", inner.text);
		return refuse_at(err, annotation);
	}
	if (lower->type != JSON_ARRAY) {
		(void)error_set(err, 0, "not a JSON array");
		return refuse_at(err, annotation);
	}
	member = json_add(arena, overlay, JSON_ARRAY, "lower", NULL);
	member->child = lower->child;
	member->count = lower->count;
	move_all(member, annotation->offset);
	return 0;
}

static int merge_text(struct arena *arena, struct json *overlay,
		      const struct json *annotation, struct error *err)
{
	(void)err;
	json_add(arena, overlay, JSON_STRING,
		 annotation->key + strlen(OVERLAY_ANNOTATIONS_PREFIX), annotation->text)
		->offset = annotation->offset;
	return 0;
}

static int merge_volatile(struct arena *arena, struct json *overlay,
			  const struct json *annotation, struct error *err)
{
	enum json_type type = JSON_FALSE;

	if (strcmp(annotation->text, "true") == 0) {
		type = JSON_TRUE;
	} else if (strcmp(annotation->text, "false") != 0) {
		(void)error_set(err, 0, "neither 'true' nor 'false'");
		return refuse_at(err, annotation);
	}
	json_add(arena, overlay, type, "volatile", NULL)->offset = annotation->offset;
	return 0;
}

static const struct {
	const char *key;
	int (*merge)(struct arena *, struct json *, const struct json *, struct error *);
} annotations[] = {
	{ OVERLAY_ANNOTATIONS_PREFIX "lower", merge_lower },
	{ OVERLAY_ANNOTATIONS_PREFIX "upper", merge_text },
	{ OVERLAY_ANNOTATIONS_PREFIX "work", merge_text },
	{ OVERLAY_ANNOTATIONS_PREFIX "volatile", merge_volatile },
};

static bool is_given(const struct json *root)
{
	const struct json *overlay = json_find(root, "overlay");

	return overlay != NULL && overlay->type != JSON_NULL;
}

int overlay_annotations_merge(struct arena *arena, struct json *config, struct error *err)
{
	const struct json *given = json_find(config, "annotations");
	struct json *root = json_find(config, "root");
	struct json *overlay = NULL;

	for (size_t i = 0; i < sizeof(annotations) / sizeof(*annotations); i++) {
		const struct json *annotation = json_find(given, annotations[i].key);

		/* What is no string is refused when the configuration is read. */
		if (json_string(annotation) == NULL)
			continue;
		if (root == NULL || root->type != JSON_OBJECT)
			return 0;
		if (overlay == NULL && is_given(root)) {
			(void)error_set(err, 0, "root.overlay is given as well");
			return refuse_at(err, annotation);
		}
		if (overlay == NULL) {
			overlay = json_add(arena, root, JSON_OBJECT, "overlay", NULL);
			overlay->offset = annotation->offset;
		}
		if (annotations[i].merge(arena, overlay, annotation, err) < 0)
			return -1;
	}
	return 0;
}
