/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "oci/config.h"
#include "oci/json.h"
#include "oci/layout.h"
#include "oci/mend.h"

enum { DEPTH_MAX = 66 }; /* json.h: 64 */

struct mend_edit {
	struct mend_edit *next; /* the one before */
	const char *place;      /* what was wrong, as mend_place() */
	struct json *parent;
	struct json **slot;          /* what points to the node in its parent */
	struct json *before, *after; /* NULL: nothing */
	size_t index;                /* of `before` in its parent, as it was then */
};

/* What stands in for a member that must be there, when others hang on it. The overlay's
 * layer is a file that every bundle has: a tar is not opened before it is unpacked. */
static const struct {
	const char *place, *text;
} stand_ins[] = {
	{ "ociVersion", "\"1.0.0\"" },
	{ "root", "{\"path\":\".\"}" },
	{ "root.path", "\".\"" },
	{ "root.overlay.lower", "[\"config.json\"]" },
	{ "process", "{\"cwd\":\"/\",\"args\":[\"/\"]}" },
	{ "process.cwd", "\"/\"" },
	{ "process.args", "[\"/\"]" },
	{ "linux", "{\"namespaces\":[{\"type\":\"mount\"}]}" },
	{ "linux.namespaces", "[{\"type\":\"mount\"}]" },
	{ "linux.seccomp.defaultAction", "\"SCMP_ACT_ALLOW\"" },
	{ "annotations[\"io.minirun.overlay.lower\"]", "\"[\\\"config.json\\\"]\"" },
};

/* The members without which nothing can be said of the rest. */
static const char *const pillars[] = { "root", "process", "linux" };

/* The way from the root to a node. */
struct way {
	struct {
		struct json *parent;
		struct json **slot;
	} steps[DEPTH_MAX];
	size_t depth;
	const char *rest;            /* of the path, which leads to nothing */
	char place[ERROR_WHERE_MAX]; /* as mend_place() */
};

static size_t index_of(const struct json *parent, const struct json *node)
{
	size_t index = 0;

	for (const struct json *item = parent->child; item != node; item = item->next)
		index++;
	return index;
}

/* The index before elements were taken away. */
static size_t first_index(const struct mend *mend, const struct json *parent,
			  size_t index)
{
	for (const struct mend_edit *edit = mend->edits; edit != NULL;
	     edit = edit->next) {
		if (edit->parent == parent && edit->after == NULL && edit->index <= index)
			index++;
	}
	return index;
}

static void add_place(struct way *way, const char *text, size_t length)
{
	size_t used = strlen(way->place), room = sizeof(way->place) - used - 1;

	memcpy(way->place + used, text, length < room ? length : room);
}

/* A member as the path has it, an element with its first index. */
static void add_step(const struct mend *mend, struct way *way, const char *text,
		     size_t length)
{
	struct json *parent = way->steps[way->depth - 1].parent;
	struct json *node = *way->steps[way->depth - 1].slot;
	char element[32];

	if (parent->type != JSON_ARRAY) {
		add_place(way, text, length);
		return;
	}
	(void)snprintf(element, sizeof(element), "[%zu]%s",
		       first_index(mend, parent, index_of(parent, node)),
		       text[length - 1] == '.' ? "." : "");
	add_place(way, element, strlen(element));
}

static struct json **slot_of(struct json *parent, const struct json *node)
{
	struct json **slot = &parent->child;

	while (*slot != node)
		slot = &(*slot)->next;
	return slot;
}

static void find_way(const struct mend *mend, const char *where, struct way *way)
{
	struct json *node = mend->root;

	memset(way, 0, sizeof(*way));
	while (*where != '\0' && way->depth < DEPTH_MAX) {
		const char *next = where;
		const struct json *found = json_step(node, &next);

		if (found == NULL)
			break;
		way->steps[way->depth].parent = node;
		way->steps[way->depth].slot = slot_of(node, found);
		node = *way->steps[way->depth++].slot;
		add_step(mend, way, where, (size_t)(next - where));
		where = next;
	}
	way->rest = where;
	add_place(way, where, strlen(where));
}

const struct json *mend_place(const struct mend *mend, const char *where,
			      char place[ERROR_WHERE_MAX])
{
	struct way way;

	find_way(mend, where, &way);
	memcpy(place, way.place, sizeof(way.place));
	return way.depth == 0 ? mend->root : *way.steps[way.depth - 1].slot;
}

/* Whether the place is the other one or in it: `next` has what may follow, the end too.
 */
static bool is_in(const char *place, const char *other, const char *next)
{
	size_t length = strlen(other);

	return strncmp(place, other, length) == 0 && strchr(next, place[length]) != NULL;
}

/* One more in a list says nothing of the others. */
static bool is_addition(const struct mend_edit *edit)
{
	return edit->before == NULL && edit->parent->type == JSON_ARRAY;
}

bool mend_has_touched(const struct mend *mend, const char *place)
{
	for (const struct mend_edit *edit = mend->edits; edit != NULL;
	     edit = edit->next) {
		const char *below = is_addition(edit) ? "" : ".[";

		if (is_in(place, edit->place, below) || is_in(edit->place, place, "["))
			return true;
	}
	return false;
}

static bool was_at(const struct mend *mend, const char *place)
{
	for (const struct mend_edit *edit = mend->edits; edit != NULL;
	     edit = edit->next) {
		if (strcmp(edit->place, place) == 0)
			return true;
	}
	return false;
}

static const struct field *find_field(const struct layout *layout, const char *key)
{
	const struct field *field = layout == NULL ? NULL : layout->fields;

	while (field != NULL && field->key != NULL && strcmp(field->key, key) != 0)
		field++;
	return field == NULL || field->key == NULL ? NULL : field;
}

/* The table of the object that so many steps lead to; NULL: it has none. */
static const struct layout *table_at(const struct way *way, size_t depth)
{
	const struct layout *layout = config_table(), *inner = NULL;

	for (size_t i = 0; i < depth; i++) {
		const struct field *field = NULL;

		if (layout != NULL)
			field = find_field(layout, (*way->steps[i].slot)->key);
		layout = field == NULL ? inner : NULL;
		inner = field == NULL ? NULL : field->layout;
		if (field == NULL || field->type != FIELD_OBJECT)
			continue;
		layout = inner;
		inner = NULL;
	}
	return layout;
}

static const struct field *field_of(const struct way *way, size_t step)
{
	const char *key = (*way->steps[step].slot)->key;

	return key == NULL ? NULL : find_field(table_at(way, step), key);
}

/* Whether the rest still makes sense without it. */
static bool is_dispensable(const struct way *way, size_t step)
{
	const struct field *field = field_of(way, step);

	for (size_t i = 0; step == 0 && i < sizeof(pillars) / sizeof(pillars[0]); i++) {
		if (strcmp((*way->steps[0].slot)->key, pillars[i]) == 0)
			return false;
	}
	return field == NULL || field->optional;
}

static void edit_at(struct mend *mend, const struct way *way, struct json *parent,
		    struct json **slot, struct json *after)
{
	struct mend_edit *edit = arena_alloc(mend->arena, 1, sizeof(*edit));
	struct json *rest = *slot == NULL ? NULL : (*slot)->next;

	edit->next = mend->edits;
	edit->place = arena_text(mend->arena, way->place, strlen(way->place));
	edit->parent = parent;
	edit->slot = slot;
	edit->before = *slot;
	edit->after = after;
	edit->index = index_of(parent, *slot);
	mend->edits = edit;
	if (after != NULL)
		after->next = rest;
	*slot = after != NULL ? after : rest;
	parent->count += (size_t)(after != NULL) - (size_t)(edit->before != NULL);
}

void mend_undo(struct mend *mend, const struct mend_edit *until)
{
	for (struct mend_edit *edit = mend->edits; edit != until; edit = edit->next) {
		*edit->slot = edit->before != NULL ? edit->before : edit->after->next;
		edit->parent->count +=
			(size_t)(edit->before != NULL) - (size_t)(edit->after != NULL);
		mend->edits = edit->next;
	}
}

/* The least that the table takes. */
static const char *least_of(const struct field *field, struct arena *arena)
{
	switch (field->type) {
	case FIELD_BOOL:
		return "true";
	case FIELD_INT:
	case FIELD_UINT:
		return arena_format(arena, "%lld", (long long)field->least);
	case FIELD_STRING: /* a path mostly */
		return "\"/\"";
	case FIELD_STRINGS:
		return "[]";
	default:
		return "{}";
	}
}

/* A node for a member that must be there, or NULL. */
static struct json *stand_in(const struct mend *mend, const struct way *way,
			     const struct field *field, const struct json *likeness)
{
	const char *text = NULL;
	struct json *node;
	struct error ignored;

	if (field != NULL && !field->optional)
		text = least_of(field, mend->arena);
	for (size_t i = 0; i < sizeof(stand_ins) / sizeof(stand_ins[0]); i++) {
		if (strcmp(way->place, stand_ins[i].place) == 0)
			text = stand_ins[i].text;
	}
	if (text == NULL)
		return NULL;
	node = json_parse(mend->arena, text, strlen(text), &ignored);
	node->key = likeness->key;
	node->offset = likeness->offset;
	return node;
}

/* Of two members with one name both are read, but the path leads to the last. */
static void drop_doubles(struct mend *mend, const struct way *way, struct json *parent,
			 const struct json *node)
{
	struct json **slot = &parent->child;

	if (parent->type != JSON_OBJECT)
		return;
	while (*slot != node) {
		if (strcmp((*slot)->key, node->key) == 0)
			edit_at(mend, way, parent, slot, NULL);
		else
			slot = &(*slot)->next;
	}
}

static bool replace(struct mend *mend, const struct way *way)
{
	size_t last = way->depth - 1;
	struct json *parent = way->steps[last].parent, *node = *way->steps[last].slot;
	struct json *after = stand_in(mend, way, field_of(way, last), node);

	if (after == NULL && !is_dispensable(way, last))
		return false;
	/* A list that lacks something gets it. */
	if (after != NULL && after->type == JSON_ARRAY && after->child != NULL &&
	    node->type == JSON_ARRAY) {
		edit_at(mend, way, node, slot_of(node, NULL), after->child);
		return true;
	}
	drop_doubles(mend, way, parent, node);
	edit_at(mend, way, parent, slot_of(parent, node), after);
	return true;
}

static bool insert(struct mend *mend, const struct way *way)
{
	struct json *parent =
		way->depth == 0 ? mend->root : *way->steps[way->depth - 1].slot;
	const struct field *field = find_field(table_at(way, way->depth), way->rest);
	struct json *after;

	if (field == NULL || parent->type != JSON_OBJECT)
		return false;
	after = stand_in(mend, way, field,
			 &(struct json){ .key = field->key, .offset = parent->offset });
	if (after == NULL)
		return false;
	edit_at(mend, way, parent, slot_of(parent, NULL), after);
	return true;
}

/* The two of an overlay that do not go without each other. */
static bool drop_pair(struct mend *mend, const struct way *way)
{
	static const char *const pair[] = { "upper", "work" };
	struct json *overlay = json_find(json_find(mend->root, "root"), "overlay");
	const struct mend_edit *before = mend->edits;

	if (strcmp(way->place, "root.overlay.upper") != 0 &&
	    strcmp(way->place, "root.overlay.work") != 0)
		return false;
	for (size_t i = 0; i < sizeof(pair) / sizeof(pair[0]); i++) {
		const struct json *node = json_find(overlay, pair[i]);

		if (node == NULL)
			continue;
		drop_doubles(mend, way, overlay, node);
		edit_at(mend, way, overlay, slot_of(overlay, node), NULL);
	}
	return mend->edits != before;
}

bool mend_apply(struct mend *mend, const char *where)
{
	struct way way;

	find_way(mend, where, &way);
	if (drop_pair(mend, &way))
		return true;
	if (!was_at(mend, way.place) &&
	    (way.rest[0] != '\0' ? insert(mend, &way)
				 : way.depth > 0 && replace(mend, &way)))
		return true;
	for (size_t i = way.depth; i > 0; i--) {
		if (!is_dispensable(&way, i - 1))
			continue;
		edit_at(mend, &way, way.steps[i - 1].parent, way.steps[i - 1].slot, NULL);
		return true;
	}
	return false;
}
