/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <string.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/parse.h"
#include "base/text.h"
#include "image/image_config.h"
#include "image/image_documents.h"
#include "image/image_platform.h"
#include "oci/json.h"

enum { LEVEL_MAX = 99 };

void image_platform_find(struct image_platform *platform, const char *machine)
{
	static const struct {
		const char *machine;
		unsigned level;
	} levels[] = {
		{ "x86_64", 1 }, { "aarch64", 8 }, { "armv8l", 8 },
		{ "armv7l", 7 }, { "armv6l", 6 },  { "armv5tel", 5 },
	};

	platform->architecture = image_config_architecture(machine);
	platform->level = 0;
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (strcmp(machine, levels[i].machine) == 0)
			platform->level = levels[i].level;
	}
}

static const char *member(const struct json *json, const char *key)
{
	const char *text = json_string(json_find(json, key));

	return text == NULL ? "" : text;
}

unsigned image_platform_rank(const struct image_platform *platform,
			     const struct json *json)
{
	const char *variant = member(json, "variant");
	uint64_t level = 0;

	if (strcmp(member(json, "os"), "linux") != 0 ||
	    strcmp(member(json, "architecture"), platform->architecture) != 0)
		return 0;
	if (variant[0] != '\0' &&
	    (variant[0] != 'v' || !parse_uint(variant + 1, LEVEL_MAX, &level) ||
	     level > platform->level))
		return 0;
	return (unsigned)level + 1;
}

void image_platform_put(const struct json *json, struct text *text)
{
	text_put_printable(text, member(json, "os"));
	text_put(text, "/");
	text_put_printable(text, member(json, "architecture"));
	if (member(json, "variant")[0] == '\0')
		return;
	text_put(text, "/");
	text_put_printable(text, member(json, "variant"));
}

const struct json *image_platform_choose(const struct image_platform *platform,
					 const struct json *manifests, const char *tag,
					 struct error *err)
{
	const struct json *found = NULL;
	auto_text struct text all = { 0 };
	unsigned best = 0;

	json_foreach (item, manifests) {
		const struct json *wanted = json_find(item, "platform");
		unsigned rank = image_platform_rank(platform, wanted);

		if (tag != NULL && !image_has_tag(item, tag))
			continue;
		text_put(&all, all.length > 0 ? ", " : "");
		image_platform_put(wanted, &all);
		if (rank <= best)
			continue;
		best = rank;
		found = item;
	}
	if (found != NULL)
		return found;
	(void)error_set(err, 0, "it has no image for linux/%s", platform->architecture);
	(void)error_hint(err, "it has %s", all.length > 0 ? all.data : "none");
	return NULL;
}
