/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* What is heavy is another program: archives are not linked into this one. It gets our
 * words, behind the directory that is meant where they do not say. */
static int commit(const struct globals *globals, const struct options *options,
		  struct error *err)
{
	static char name[] = "minirun-image", root[] = "--root";
	const char *directory = getenv("MINIRUN_LIBEXEC");
	char program[PATH_MAX];
	char **words;
	size_t count = 0;

	(void)options;
	while (globals->argv[count] != NULL)
		count++;
	words = calloc(count + 3, sizeof(*words));
	if (words == NULL)
		return error_set(err, ENOMEM, "cannot commit");
	words[0] = name;
	words[1] = root;
	words[2] = strdup(globals->root);
	memcpy(words + 3, globals->argv + 1, (count - 1) * sizeof(*words));
	(void)snprintf(program, sizeof(program), "%s/minirun-image",
		       directory != NULL ? directory : LIBEXECDIR);
	(void)execv(program, words);
	(void)error_set(err, errno, "cannot run '%s'", program);
	return err->code == ENOENT
		       ? error_hint(err, "this minirun was built without images")
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
