/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <string.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/parse.h"
#include "base/text.h"
#include "image/image_user.h"

enum {
	FIELDS_MAX = 7, /* of passwd(5) */
	GROUPS_MAX = 1024,
};

static const uint64_t id_max = UINT32_MAX - 1; /* the last one means none */

/* A line, in fields. */
struct line {
	char *fields[FIELDS_MAX];
	size_t count;
};

/* The next line of *text, cut up in the arena; false at the end. */
static bool next_line(const char **text, struct line *line, struct arena *arena)
{
	const size_t length = strcspn(*text, "\n");
	char *rest;

	if (**text == '\0')
		return false;
	rest = arena_text(arena, *text, length);
	*text += length + ((*text)[length] == '\n');
	line->count = 0;
	while (rest != NULL && line->count < FIELDS_MAX)
		line->fields[line->count++] = strsep(&rest, ":");
	return true;
}

static bool parse_id(const char *text, int64_t *id)
{
	uint64_t value;

	if (!parse_uint(text, id_max, &value))
		return false;
	*id = (int64_t)value;
	return true;
}

/* The first line whose field is that text, and that has ids in the third and, of passwd,
 * in the fourth. */
static bool find_line(const char *text, size_t field, const char *wanted,
		      struct line *line, struct arena *arena)
{
	int64_t id;

	while (next_line(&text, line, arena)) {
		if (line->count > 3 && strcmp(line->fields[field], wanted) == 0 &&
		    parse_id(line->fields[2], &id))
			return true;
	}
	return false;
}

static bool is_member(char *members, const char *name)
{
	const char *member;

	while ((member = strsep(&members, ",")) != NULL) {
		if (strcmp(member, name) == 0)
			return true;
	}
	return false;
}

static bool has_group(const struct image_user *user, int64_t gid)
{
	for (size_t i = 0; i < user->groups_count; i++) {
		if (user->groups[i] == gid)
			return true;
	}
	return gid == user->gid;
}

/* The groups that have the user among their members. */
static int find_groups(struct image_user *user, const char *name, const char *text,
		       struct arena *arena, struct error *err)
{
	struct line line;
	int64_t gid;

	user->groups = arena_alloc(arena, GROUPS_MAX, sizeof(*user->groups));
	while (next_line(&text, &line, arena)) {
		if (line.count <= 3 || !parse_id(line.fields[2], &gid) ||
		    !is_member(line.fields[3], name) || has_group(user, gid))
			continue;
		if (user->groups_count == GROUPS_MAX)
			return error_set(err, 0, "its user is in more than %d groups",
					 GROUPS_MAX);
		user->groups[user->groups_count++] = gid;
	}
	return 0;
}

static int unknown(const char *what, const char *name, const char *file,
		   struct error *err)
{
	auto_text struct text shown = { 0 };

	text_put_printable(&shown, name);
	return error_set(err, 0, "its %s '%s' is not in the image's '%s'", what,
			 shown.data == NULL ? "" : shown.data, file);
}

int image_user_find(struct image_user *found, const char *user, const char *passwd,
		    const char *group, struct arena *arena, struct error *err)
{
	const size_t length = user == NULL ? 0 : strcspn(user, ":");
	const char *name = length == 0 ? "0" : arena_text(arena, user, length);
	const char *group_name =
		user == NULL || user[length] == '\0' ? "" : user + length + 1;
	bool is_number = parse_id(name, &found->uid);
	struct line line;

	if (find_line(passwd, is_number ? 2 : 0, name, &line, arena)) {
		(void)parse_id(line.fields[2], &found->uid);
		if (!parse_id(line.fields[3], &found->gid))
			found->gid = 0;
		found->home = line.count > 5 && line.fields[5][0] == '/' ? line.fields[5]
									 : NULL;
	} else if (!is_number) {
		return unknown("user", name, "/etc/passwd", err);
	}
	if (group_name[0] == '\0')
		return is_number ? 0 : find_groups(found, name, group, arena, err);
	if (parse_id(group_name, &found->gid))
		return 0;
	if (!find_line(group, 0, group_name, &line, arena))
		return unknown("group", group_name, "/etc/group", err);
	(void)parse_id(line.fields[2], &found->gid);
	return 0;
}
