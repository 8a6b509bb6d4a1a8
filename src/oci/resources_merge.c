/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "oci/json.h"
#include "oci/resources_merge.h"

/* Where 0 or "" is how managers spell "not set". */
static const struct {
	const char *section, *member;
} unset[] = {
	{ "memory", "limit" },
	{ "memory", "reservation" },
	{ "memory", "swap" },
	{ "memory", "kernel" },
	{ "memory", "kernelTCP" },
	{ "cpu", "shares" },
	{ "cpu", "quota" },
	{ "cpu", "period" },
	{ "cpu", "realtimeRuntime" },
	{ "cpu", "realtimePeriod" },
	{ "cpu", "cpus" },
	{ "cpu", "mems" },
	{ "blockIO", "weight" },
	{ "blockIO", "leafWeight" },
	{ "network", "classID" },
};

static bool says_nothing(const char *section, const struct json *member)
{
	if (member->type == JSON_NULL)
		return true;
	if (member->text == NULL ||
	    (strcmp(member->text, "0") != 0 && strcmp(member->text, "") != 0))
		return false;
	for (size_t i = 0; i < sizeof(unset) / sizeof(unset[0]); i++) {
		if (strcmp(unset[i].section, section) == 0 &&
		    strcmp(unset[i].member, member->key) == 0)
			return true;
	}
	return false;
}

/* The value of *from in the place of *to. */
static void put(struct arena *arena, struct json *to, const struct json *from)
{
	to->type = from->type;
	to->text = from->text;
	to->offset = from->offset;
	to->child = NULL;
	to->count = 0;
	json_foreach (item, from)
		put(arena, json_add(arena, to, item->type, item->key, NULL), item);
}

/* The member of that name, made as null where it is missing. */
static struct json *member_of(struct arena *arena, struct json *parent, const char *key)
{
	struct json *member = json_find(parent, key);

	return member != NULL ? member : json_add(arena, parent, JSON_NULL, key, NULL);
}

static bool is_same_text(const struct json *left, const struct json *right)
{
	return left != NULL && right != NULL && left->type == right->type &&
	       left->text != NULL && right->text != NULL &&
	       strcmp(left->text, right->text) == 0;
}

/* Whether both are about one device, page size or interface. */
static bool is_same(const struct json *left, const struct json *right)
{
	static const char *const names[] = { "major", "minor", "pageSize", "name" };
	bool same = false;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct json *name = json_find(left, names[i]);

		if (name == NULL)
			continue;
		if (!is_same_text(name, json_find(right, names[i])))
			return false;
		same = true;
	}
	return same;
}

/* Of several the last, which is the one that counts. */
static struct json *find_same(struct json *list, const struct json *element)
{
	struct json *found = NULL;

	for (struct json *item = list->child; item != NULL; item = item->next) {
		if (is_same(item, element))
			found = item;
	}
	return found;
}

static void merge_list(struct arena *arena, struct json *list, const struct json *asked)
{
	list->type = JSON_ARRAY;
	json_foreach (element, asked) {
		struct json *same = find_same(list, element);

		if (same == NULL) {
			same = json_add(arena, list, element->type, NULL, NULL);
			put(arena, same, element);
			continue;
		}
		json_foreach (member, element) {
			if (member->type != JSON_NULL)
				put(arena, member_of(arena, same, member->key), member);
		}
	}
}

static void merge_members(struct arena *arena, const char *section, struct json *into,
			  const struct json *asked)
{
	into->type = JSON_OBJECT;
	json_foreach (member, asked) {
		struct json *there;

		if (says_nothing(section, member))
			continue;
		there = member_of(arena, into, member->key);
		if (member->type == JSON_OBJECT)
			merge_members(arena, member->key, there, member);
		else if (member->type == JSON_ARRAY &&
			 strcmp(member->key, "devices") != 0)
			merge_list(arena, there, member);
		else
			put(arena, there, member);
	}
}

static bool is_given(const struct json *memory, const char *key)
{
	const struct json *member = json_find(memory, key);

	return member != NULL && !says_nothing("memory", member);
}

void resources_merge(struct arena *arena, struct json *resources,
		     const struct json *asked)
{
	const struct json *memory = json_find(asked, "memory");
	const struct json *limit = json_find(memory, "limit");
	struct json *swap;

	merge_members(arena, "", resources, asked);
	if (limit == NULL || limit->text == NULL || strcmp(limit->text, "-1") != 0 ||
	    is_given(memory, "swap"))
		return;
	swap = json_find(json_find(resources, "memory"), "swap");
	if (swap != NULL)
		*swap = (struct json){ .key = swap->key, .next = swap->next };
}
