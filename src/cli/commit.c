/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/command.h"
#include "cli/options.h"

static const struct command_option commit_options[] = {
	{ "merged", 0, NULL,
	  "the whole root, without what is mounted over it (default)" },
	{ "diff", 0, NULL, "what the container changed, as a layer with whiteouts" },
	{ "no-pause", 0, NULL, "do not hold the container still meanwhile" },
	{ "quiet", 'q', NULL, "no summary" },
	{ NULL, 0, NULL, NULL },
};

/* What is heavy is another program: archives are not linked into this one. */
static int commit(const struct globals *globals, const struct options *options,
		  struct error *err)
{
	const char *directory = getenv("MINIRUN_LIBEXEC");
	char program[PATH_MAX];

	(void)options;
	(void)snprintf(program, sizeof(program), "%s/minirun-image",
		       directory != NULL ? directory : LIBEXECDIR);
	(void)execv(program, globals->argv);
	(void)error_set(err, errno, "cannot run '%s'", program);
	return errno == ENOENT ? error_hint(err, "this minirun was built without images")
			       : -1;
}

const struct command command_commit = {
	.name = "commit",
	.operands = "ID FILE.tar|-",
	.help = "Write what a container's root holds to an archive",
	.options = commit_options,
	.least = 2,
	.most = 2,
	.failure = 1,
	.run = commit,
};
