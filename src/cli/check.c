/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stdio.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/options.h"
#include "container/survey.h"
#include "oci/bundle.h"
#include "oci/findings.h"

static const struct command_option check_options[] = {
	{ "strict", 0, NULL, "a warning is an error" },
	{ "format", 'f', "FORMAT", "text or json" },
	{ "config", 0, "FILE", "read it instead of config.json" },
	{ NULL, 0, NULL, NULL },
};

static int check(const struct globals *globals, const struct options *options,
		 struct error *err)
{
	const struct survey_host host = { globals->root, globals->data_root,
					  globals->claims, globals->cgroup_manager };
	const int is_json = options_say_json(options, err);
	auto_bundle struct bundle bundle = { .dirfd = -1 };
	auto_findings struct findings findings = { 0 };
	auto_text struct text text = { 0 };

	if (is_json < 0)
		return -1;
	findings.is_strict = options_has(options, "strict");
	if (bundle_open(&bundle, options->operands_count > 0 ? options->operands[0] : ".",
			options_text(options, "config"), err) < 0)
		return -1;
	survey_bundle(&bundle, &host, &findings);
	if (is_json)
		findings_put_json(&findings, &text);
	else
		findings_put_text(&findings, &text);
	(void)fputs(text.data, stdout);
	return findings.errors > 0;
}

const struct command command_check = {
	.name = "check",
	.operands = "[BUNDLE]",
	.help = "Tell everything that is wrong with a bundle",
	.options = check_options,
	.least = 0,
	.most = 1,
	.failure = 1,
	.run = check,
};
