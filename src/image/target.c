/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "image/target.h"

/* annotations.md of the image specification: words of letters and digits, with one of
 * "-._:@+" or "--" between them, and slashes between those. */
static bool is_tag(const char *tag)
{
	for (;;) {
		if (!isalnum((unsigned char)*tag))
			return false;
		while (isalnum((unsigned char)*tag))
			tag++;
		if (*tag == '\0')
			return true;
		if (strchr("-._:@+/", *tag) == NULL)
			return false;
		tag += strncmp(tag, "--", 2) == 0 ? 2 : 1;
	}
}

static int parse_image(struct target *target, const char *text, struct arena *arena,
		       struct error *err)
{
	const size_t length = strcspn(text, ":");

	target->path = arena_text(arena, text, length);
	target->tag = text[length] == ':' ? text + length + 1 : NULL;
	if (length == 0 || strcmp(target->path, "-") == 0)
		return error_set(err, 0, "'%s' has no path", target->text);
	if (target->tag != NULL && !is_tag(target->tag))
		return error_set(err, 0,
				 "'%s': '%s' cannot be a tag: letters and digits, with "
				 "one of -._:@+/ between them",
				 target->text, target->tag);
	return 0;
}

int target_parse(struct target *target, const char *text, struct arena *arena,
		 struct error *err)
{
	static const struct {
		const char *prefix;
		enum target_kind kind;
	} images[] = {
		{ "oci:", TARGET_LAYOUT },
		{ "oci-archive:", TARGET_ARCHIVE },
	};

	*target = (struct target){ .kind = TARGET_TAR, .text = text, .path = text };
	for (size_t i = 0; i < sizeof(images) / sizeof(images[0]); i++) {
		const size_t length = strlen(images[i].prefix);

		if (strncmp(text, images[i].prefix, length) != 0)
			continue;
		target->kind = images[i].kind;
		return parse_image(target, text + length, arena, err);
	}
	return 0;
}
