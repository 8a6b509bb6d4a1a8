/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/error.h"
#include "container/layers_parts.h"

enum { TRASH_TRIES = 8, TRASH_NAME = 32 };

static void name_trash(const char *hash, char name[TRASH_NAME])
{
	(void)snprintf(name, TRASH_NAME, ".gc-%s", hash);
}

static int move_to(int containers, const char *trash_name, int fromfd, const char *name)
{
	auto_close int trash = -1;

	if (mkdirat(containers, trash_name, 0700) < 0 && errno != EEXIST)
		return -1;
	trash = openat(containers, trash_name,
		       O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return trash < 0 ? -1 : renameat(fromfd, name, trash, name);
}

int layers_trash_move(int containers, const char *hash, int fromfd, const char *name,
		      struct error *err)
{
	char trash[TRASH_NAME];

	name_trash(hash, trash);
	for (int i = 0; i < TRASH_TRIES; i++) {
		if (move_to(containers, trash, fromfd, name) == 0)
			return 0;
		/* Another one has just removed the trash, or was killed before that. */
		if (errno == ENOTEMPTY || errno == EEXIST) {
			if (layers_trash_remove(containers, hash, err) < 0)
				return -1;
		} else if (errno != ENOENT) {
			break;
		}
	}
	return error_set(err, errno, "cannot move '%s' away", name);
}

int layers_trash_remove(int containers, const char *hash, struct error *err)
{
	char trash[TRASH_NAME];

	name_trash(hash, trash);
	return layers_remove_trash(containers, trash, err);
}

bool layers_trash_is(const char *hash, const char *name)
{
	char trash[TRASH_NAME];

	name_trash(hash, trash);
	return strcmp(name, trash) == 0;
}
