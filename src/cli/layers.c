/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/error.h"
#include "cli/command.h"
#include "cli/image_program.h"
#include "cli/options.h"

static const struct command_option layers_options[] = {
	{ "unused", 0, NULL, "remove: all that no container uses" },
	{ "dry-run", 'n', NULL, "remove: tell what would be removed" },
	{ "format", 'f', "FORMAT", "text or json" },
	{ "quiet", 'q', NULL, "list: the names alone; verify: what is wrong alone" },
	{ NULL, 0, NULL, NULL },
};

/* What each takes beside --format; names: how many at least and at most, -1: any. */
static const struct verb {
	const char *name;
	int least, most;
	bool quiet, removes;
} verbs[] = {
	{ "list", 0, 0, true, false },
	{ "remove", 0, -1, false, true },
	{ "show", 1, 1, false, false },
	{ "verify", 0, -1, true, false },
};

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	}
	return NULL;
}

static int check_options(const struct verb *verb, const struct options *options,
			 struct error *err)
{
	const char *other = NULL;

	if (options_say_json(options, err) < 0)
		return -1;
	if (options_has(options, "quiet") && !verb->quiet)
		other = "quiet";
	if (options_has(options, "unused") && !verb->removes)
		other = "unused";
	if (options_has(options, "dry-run") && !verb->removes)
		other = "dry-run";
	return other == NULL ? 0
			     : error_set(err, 0, "option '--%s' is not for '%s'", other,
					 verb->name);
}

static int layers(const struct globals *globals, const struct options *options,
		  struct error *err)
{
	const struct verb *verb = find_verb(options->operands[0]);
	const int names = options->operands_count - 1;

	if (verb == NULL)
		return error_set(err, 0, "'%s' is not list, show, remove or verify",
				 options->operands[0]);
	if (check_options(verb, options, err) < 0)
		return -1;
	if (names < verb->least || (verb->most >= 0 && names > verb->most))
		return error_set(err, 0, "'%s' takes %s", verb->name,
				 verb->most == 0 ? "no name" : "one name");
	if (verb->removes && (names == 0) != options_has(options, "unused"))
		return error_set(err, 0,
				 "'remove' takes names of layers, or option '--unused'");
	return image_program_execute(globals, err);
}

const struct command command_layers = {
	.name = "layers",
	.operands = "list|show NAME|remove NAME...|verify [NAME...]",
	.help = "List, check and remove unpacked layers",
	.options = layers_options,
	.least = 1,
	.most = -1,
	.failure = 1,
	.run = layers,
};
