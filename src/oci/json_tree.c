/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "oci/json.h"

static const struct json *find_part(const struct json *json, const char *key,
				    size_t length)
{
	const struct json *found = NULL;

	json_foreach (member, json) {
		if (strncmp(member->key, key, length) == 0 && member->key[length] == '\0')
			found = member;
	}
	return found;
}

struct json *json_find(const struct json *json, const char *key)
{
	struct json *found = NULL;

	if (json == NULL || json->type != JSON_OBJECT)
		return NULL;
	for (struct json *member = json->child; member != NULL; member = member->next) {
		if (strcmp(member->key, key) == 0)
			found = member;
	}
	return found;
}

const char *json_string(const struct json *json)
{
	return json != NULL && json->type == JSON_STRING ? json->text : NULL;
}

static const struct json *element(const struct json *json, unsigned long index)
{
	if (json->type != JSON_ARRAY)
		return NULL;
	json_foreach (item, json) {
		if (index-- == 0)
			return item;
	}
	return NULL;
}

const struct json *json_step(const struct json *json, const char **path)
{
	const char *start = *path, *end;
	const struct json *next = NULL;

	if (start[0] == '[' && start[1] != '"') {
		next = element(json, strtoul(start + 1, NULL, 10));
		*path = start + strcspn(start, "]");
	} else if (start[0] == '[') {
		end = strstr(start, "\"]");
		end = end == start + 1 ? NULL : end;
		if (end != NULL && json->type == JSON_OBJECT)
			next = find_part(json, start + 2, (size_t)(end - start) - 2);
		*path = end != NULL ? end + 1 : start + strlen(start);
	} else {
		end = start + strcspn(start, ".[");
		if (json->type == JSON_OBJECT)
			next = find_part(json, start, (size_t)(end - start));
		*path = end;
	}
	if (**path == ']')
		(*path)++;
	if (**path == '.')
		(*path)++;
	return next;
}

const struct json *json_reach(const struct json *root, const char *path)
{
	while (*path != '\0') {
		const struct json *next = json_step(root, &path);

		if (next == NULL)
			break;
		root = next;
	}
	return root;
}

void json_position(const char *text, size_t offset, size_t *line, size_t *column)
{
	*line = 1;
	*column = 1;
	for (size_t i = 0; i < offset; i++) {
		if (text[i] == '\n') {
			(*line)++;
			*column = 1;
		} else if ((text[i] & 0xc0) != 0x80) { /* not a later byte of UTF-8 */
			(*column)++;
		}
	}
}

struct json *json_add(struct arena *arena, struct json *parent, enum json_type type,
		      const char *key, const char *text)
{
	struct json *node = arena_alloc(arena, 1, sizeof(*node));
	struct json **tail;

	node->type = type;
	node->key = key == NULL ? NULL : arena_text(arena, key, strlen(key));
	node->text = text == NULL ? NULL : arena_text(arena, text, strlen(text));
	if (parent == NULL)
		return node;
	for (tail = &parent->child; *tail != NULL;)
		tail = &(*tail)->next;
	*tail = node;
	parent->count++;
	return node;
}
