/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/systemd_unit.h"

#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

/* systemd takes no longer name of a unit. */
enum { UNIT_NAME_MAX = 255 };

static const char slice_end[] = ".slice";

static bool is_slice(const char *name)
{
	size_t length = strlen(name);

	return length > strlen(slice_end) &&
	       strcmp(name + length - strlen(slice_end), slice_end) == 0;
}

static const char valid[] = "abcdefghijklmnopqrstuvwxyz"
			    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-_.\\@";

/* systemd-escape(1): an id may have a '+', a unit not. */
static void put_escaped(struct text *name, const char *part)
{
	for (; *part != '\0'; part++) {
		if (strchr(valid, *part) != NULL)
			text_add(name, part, 1);
		else
			text_format(name, "\\x%02x", (unsigned char)*part);
	}
}

static const char *refuse(const char *slice, struct error *err)
{
	(void)error_set(err, 0, "'%.256s' is no name of a slice", slice);
	(void)error_hint(err, "such as 'system.slice'");
	return NULL;
}

/* Each '-' is a slice deeper: "a-b.slice" is "/a.slice/a-b.slice", "-.slice" the root. */
static const char *expand(const char *slice, struct arena *arena, struct error *err)
{
	auto_text struct text path = { 0 };
	size_t stem, start = 0;

	if (!is_slice(slice) || slice[strspn(slice, valid)] != '\0')
		return refuse(slice, err);
	if (strcmp(slice, "-.slice") == 0)
		return "";
	stem = strlen(slice) - strlen(slice_end);
	for (size_t i = 0; i <= stem; i++) {
		if (i < stem && slice[i] != '-')
			continue;
		if (i == start)
			return refuse(slice, err);
		text_format(&path, "/%.*s%s", (int)i, slice, slice_end);
		start = i + 1;
	}
	return arena_text(arena, path.data, path.length);
}

/* Splits "SLICE:PREFIX:NAME" at its colons; a name may have more of them. */
static int split(char *path, const char *parts[3], struct error *err)
{
	char *first = strchr(path, ':');
	char *second = first == NULL ? NULL : strchr(first + 1, ':');

	if (second == NULL || strchr(second + 1, ':') != NULL) {
		(void)error_set(err, 0, "'%.256s' is not of the form slice:prefix:name",
				path);
		return error_hint(err, "which the systemd cgroup manager needs");
	}
	*first = *second = '\0';
	parts[0] = path;
	parts[1] = first + 1;
	parts[2] = second + 1;
	return 0;
}

static int name_it(struct systemd_unit *unit, struct arena *arena, const char *prefix,
		   const char *name, struct error *err)
{
	auto_text struct text text = { 0 };

	put_escaped(&text, prefix);
	if (is_slice(name))
		text.length = 0;
	else if (text.length > 0)
		text_put(&text, "-");
	put_escaped(&text, name);
	if (!is_slice(name))
		text_put(&text, ".scope");
	if (text.length > UNIT_NAME_MAX)
		return error_set(err, 0, "the name of the unit is longer than %d bytes",
				 UNIT_NAME_MAX);
	unit->name = arena_text(arena, text.data, text.length);
	return 0;
}

static int read_parts(struct systemd_unit *unit, struct arena *arena,
		      const char *const parts[3], struct error *err)
{
	const char *parent;

	if (name_it(unit, arena, parts[1], parts[2], err) < 0)
		return -1;
	if (is_slice(unit->name)) {
		unit->slice = NULL;
		unit->path = expand(unit->name, arena, err);
		return unit->path == NULL ? -1 : 0;
	}
	if (parts[0][0] != '\0')
		unit->slice = parts[0];
	parent = expand(unit->slice, arena, err);
	if (parent == NULL)
		return -1;
	unit->path = arena_format(arena, "%s/%s", parent, unit->name);
	return 0;
}

int systemd_unit_read(struct systemd_unit *unit, struct arena *arena,
		      const char *cgroups_path, const char *id, struct error *err)
{
	const char *parts[3] = { "", "minirun", id };
	bool is_given = cgroups_path != NULL && cgroups_path[0] != '\0';
	char *path =
		is_given ? arena_text(arena, cgroups_path, strlen(cgroups_path)) : NULL;

	if (path != NULL && split(path, parts, err) < 0)
		return error_at(err, "linux.cgroupsPath");
	if (parts[2][0] == '\0')
		parts[2] = id;
	return read_parts(unit, arena, parts, err) < 0
		       ? error_at(err, "linux.cgroupsPath")
		       : 0;
}
