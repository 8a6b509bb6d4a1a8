/* SPDX-License-Identifier: Apache-2.0 */
#include <regex.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/log.h"
#include "cli/matching.h"
#include "cli/options.h"
#include "container/registry.h"

static int compile(regex_t *regex, const char *text, struct error *err)
{
	char why[128];
	int code;

	/* It would match all, which no empty variable of a script meant. */
	if (text[0] == '\0')
		return error_set(err, 0, "option '--regex': the expression is empty");
	code = regcomp(regex, text, REG_EXTENDED | REG_NOSUB);
	if (code == 0)
		return 0;
	(void)regerror(code, regex, why, sizeof(why));
	*regex = (regex_t){ 0 };
	return error_set(err, 0, "option '--regex': '%s': %s", text, why);
}

int matching_run(const struct registry *registry, const struct options *options,
		 matching_verb *verb, const void *how, struct error *err)
{
	auto_arena struct arena arena = { 0 };
	const char *id = options->operands[0];
	__attribute__((cleanup(regfree))) regex_t regex = { 0 };
	struct error failure;
	int result = 0;
	char **ids;

	if (!options_has(options, "regex"))
		return verb(registry, id, how, err);
	if (compile(&regex, id, err) < 0 ||
	    registry_list(registry, &arena, &ids, err) < 0)
		return -1;
	for (; *ids != NULL; ids++) {
		if (regexec(&regex, *ids, 0, NULL, 0) != 0 ||
		    verb(registry, *ids, how, &failure) == 0)
			continue;
		if (result < 0)
			log_warning("%s", err->text);
		*err = failure;
		result = error_prefix(err, "container '%s'", *ids);
	}
	return result;
}
