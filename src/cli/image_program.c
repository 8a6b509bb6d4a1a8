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
#include "cli/image_program.h"

/* Behind the directories that are meant where the words do not say. */
int image_program_execute(const struct globals *globals, struct error *err)
{
	static char name[] = "minirun-image", root[] = "--root";
	static char data_root[] = "--data-root";
	const char *directory = getenv("MINIRUN_LIBEXEC");
	char program[PATH_MAX];
	char **words;
	size_t count = 0;

	while (globals->argv[count] != NULL)
		count++;
	words = calloc(count + 5, sizeof(*words));
	if (words == NULL)
		return error_set(err, ENOMEM, "cannot run '%s'", name);
	words[0] = name;
	words[1] = root;
	words[2] = strdup(globals->root);
	words[3] = data_root;
	words[4] = strdup(globals->data_root);
	memcpy(words + 5, globals->argv + 1, (count - 1) * sizeof(*words));
	(void)snprintf(program, sizeof(program), "%s/minirun-image",
		       directory != NULL ? directory : LIBEXECDIR);
	(void)execv(program, words);
	(void)error_set(err, errno, "cannot run '%s'", program);
	return err->code == ENOENT
		       ? error_hint(err, "this minirun was built without images")
		       : -1;
}
