/* SPDX-License-Identifier: Apache-2.0 */
#include "container/doctor.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
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
	const char *format = options_text(options, "format");
	auto_doctor struct doctor doctor = { .host = &host };
	auto_text struct text text = { 0 };

	if (format != NULL && strcmp(format, "text") != 0 && strcmp(format, "json") != 0)
		return error_set(err, 0, "option '--format': '%s' is not text or json",
				 format);
	doctor_examine(&doctor);
	if (format != NULL && format[0] == 'j')
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
