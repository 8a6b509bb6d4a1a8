/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <stdio.h>

#include "base/text.h"
#include "cli/command.h"
#include "container/features.h"

static const struct command_option features_options[] = {
	{ NULL, 0, NULL, NULL },
};

static int features(const struct globals *globals, const struct options *options,
		    struct error *err)
{
	auto_text struct text text = { 0 };

	(void)globals;
	(void)options;
	(void)err;
	features_write(COMMIT, &text);
	(void)fputs(text.data, stdout);
	return 0;
}

const struct command command_features = {
	.name = "features",
	.operands = "",
	.help = "Print what minirun and this host can do",
	.options = features_options,
	.least = 0,
	.most = 0,
	.failure = 1,
	.run = features,
};
