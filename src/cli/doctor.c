/* SPDX-License-Identifier: Apache-2.0 */
#include "container/doctor.h"

#include <stdio.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/options.h"

static const struct command_option doctor_options[] = {
	{ "format", 'f', "FORMAT", "text or json" },
	{ NULL, 0, NULL, NULL },
};

static int doctor_verb(const struct globals *globals, const struct options *options,
		       struct error *err)
{
	const struct doctor_host host = { globals->root, globals->data_root,
					  globals->cgroup_manager ==
						  CGROUP_MANAGER_DISABLED };
	const int is_json = options_say_json(options, err);
	auto_doctor struct doctor doctor = { .host = &host };
	auto_text struct text text = { 0 };

	if (is_json < 0)
		return -1;
	doctor_examine(&doctor);
	if (is_json)
		doctor_put_json(&doctor, &text);
	else
		doctor_put_text(&doctor, &text);
	(void)fputs(text.data, stdout);
	return doctor.errors > 0;
}

const struct command command_doctor = {
	.name = "doctor",
	.operands = "",
	.help = "Tell what this host offers and lacks",
	.options = doctor_options,
	.least = 0,
	.most = 0,
	.failure = 1,
	.run = doctor_verb,
};
